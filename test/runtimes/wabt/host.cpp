// Drives core.wasm without JavaScript, as docs/core-abi.md describes it, in the interpreter of WABT
// (https://github.com/WebAssembly/wabt), which Debian has as a library. Each line of stdin is a
// question, and stdout gets one line for it. Binary values are written in hexadecimal:
//
//   hmac ALGORITHM KEY MESSAGE              the MAC
//   totp ALGORITHM KEY SECONDS DIGITS       the code
//   keys DOMAIN SEED SECRET                 a new instance with one host: ok
//   issue SECONDS JID NONCE                 the token, or why there is none
//   verify SECONDS JID TOKEN                a verdict
//
// An empty value is a hyphen. Names count as they are: this host prepares none.
//
//   c++ -std=c++17 host.cpp -o host -lwabt -lpthread && ./host core.wasm

#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <wabt/feature.h>
#include <wabt/binary-reader.h>
#include <wabt/interp/binary-reader-interp.h>
#include <wabt/interp/interp.h>

using namespace wabt;
using namespace wabt::interp;
using Bytes = std::string;

constexpr u32 ABI = 1;  // what this program is written for

/** An instance of the core: its exports by name, and its memory. */
class Core {
 public:
  explicit Core(const std::vector<u8>& wasm) : store_(features_) {
    Errors errors;
    ModuleDesc desc;
    ReadBinaryOptions options;
    options.features = features_;
    if (Failed(ReadBinaryInterp("core.wasm", wasm.data(), wasm.size(), options, &errors, &desc)))
      throw std::runtime_error("not a module");
    auto module = Module::New(store_, desc);
    Trap::Ptr trap;
    auto instance = Instance::Instantiate(store_, module.ref(), {}, &trap);
    if (!instance) throw std::runtime_error("no instance: " + trap->message());
    instance_ = std::move(instance);
    const auto& exports = module->export_types();
    for (size_t i = 0; i < exports.size(); i++)
      exports_[exports[i].name] = instance_->exports()[i];

    // First of all: the rest of this program means nothing to a core of another ABI.
    if (!exports_.count("abi") || call("abi") != ABI)
      throw std::runtime_error("core.wasm has another ABI");
    memory_ = store_.UnsafeGet<Memory>(exports_.at("memory"));
    input_ = call("inputAddress");
    inputBytes_ = call("inputBytes");
  }

  /** Calls a function whose arguments are i32 and which returns an i32 or nothing. */
  template <typename... Args>
  u32 call(const char* name, Args... args) {
    return invoke(name, {Value::Make(static_cast<u32>(args))...});
  }

  /** Calls a function with values as they are: for steps, which are f64. */
  u32 invoke(const char* name, const Values& args) {
    auto function = store_.UnsafeGet<Func>(exports_.at(name));
    Values results;
    Trap::Ptr trap;
    if (Failed(function->Call(store_, args, results, &trap)))
      throw std::runtime_error(std::string(name) + " trapped: " + trap->message());
    return results.empty() ? 0 : results[0].Get<u32>();
  }

  /** Writes into the input. The memory may have moved since the last call, so its base is new. */
  void write(const Bytes& bytes, u32 at = 0) {
    if (at > inputBytes_ || bytes.size() > inputBytes_ - at) throw std::runtime_error("too long");
    memcpy(memory_->UnsafeData() + input_ + at, bytes.data(), bytes.size());
  }

  Bytes read(u32 address, u32 length) {
    return Bytes(reinterpret_cast<char*>(memory_->UnsafeData()) + address, length);
  }

  u32 input() const { return input_; }

 private:
  Features features_;  // SIMD and bulk memory are on by default
  Store store_;
  Instance::Ptr instance_;
  std::map<std::string, Ref> exports_;
  Memory::Ptr memory_;
  u32 input_ = 0;
  u32 inputBytes_ = 0;
};

// The form of tokens, with its defaults.
constexpr u32 SHA_1 = 1, DIGITS = 8, NONCE = 32, PERIOD = 30, PAST = 1, FUTURE = 1;
constexpr u32 SIGNATURE = 44;
constexpr u32 TOKEN = DIGITS + NONCE + 1 + SIGNATURE;
constexpr u32 MAX_JID = 3071;

const char* const VERDICTS[] = {"accepted",  "malformed", "unknown-host", "wrong-otp",
                                "bad-signature", "replayed",  "stale", "guard-unavailable"};

u32 digestBytes(u32 algorithm) { return algorithm == 1 ? 20 : algorithm == 2 ? 32 : 64; }

Bytes hmac(Core& core, u32 algorithm, const Bytes& key, const Bytes& message) {
  core.write(key);
  const u32 record = core.call("keyCreate", algorithm, key.size());
  if (!record) throw std::runtime_error("no memory for a key");
  core.write(message);
  core.call("mac", algorithm, record, message.size());
  core.call("keyFree", record);
  return core.read(core.call("digestAddress"), digestBytes(algorithm));
}

Bytes totp(Core& core, u32 algorithm, const Bytes& key, u64 seconds, u32 digits) {
  core.write(key);
  const u32 record = core.call("keyCreate", algorithm, key.size());
  if (!record) throw std::runtime_error("no memory for a key");
  const u64 step = seconds / PERIOD;
  core.call("hotpCode", algorithm, record, step >> 32, step & 0xffffffff, digits);
  core.call("keyFree", record);
  return core.read(core.input(), digits);
}

/** One host, and a guard for the three steps of the window. */
void setUp(Core& core, const Bytes& domain, const Bytes& seed, const Bytes& secret) {
  core.call("configure", PAST, FUTURE, DIGITS, NONCE, NONCE, SHA_1);
  const Values guard = {Value::Make(PAST + FUTURE + 1), Value::Make(u32{1000}), Value::Make(0.0)};
  if (!core.invoke("guardCreate", guard)) throw std::runtime_error("no memory for a guard");
  core.write(domain);
  const u32 host = core.call("hostCreate", domain.size());
  core.write(seed + secret);
  if (!host || !core.call("hostAddKey", host, seed.size(), secret.size()))
    throw std::runtime_error("no memory for a host");
  core.call("hostLink", host);
}

Values request(u32 first, const Bytes& jid, u64 seconds) {
  const u32 askPrepared = 0;  // the jid counts as it is
  return {Value::Make(first), Value::Make(static_cast<u32>(jid.size())),
          Value::Make(static_cast<f64>(seconds / PERIOD)), Value::Make(askPrepared)};
}

/** @param nonce 32 random digits. Here they are an argument, so that answers are known. */
Bytes issue(Core& core, u64 seconds, const Bytes& jid, const Bytes& nonce) {
  if (jid.size() > MAX_JID || nonce.size() != NONCE) return VERDICTS[1];
  core.write(nonce, DIGITS);
  core.write(jid, TOKEN);
  const u32 refused = core.invoke("issue", request(NONCE, jid, seconds));
  return refused ? VERDICTS[refused] : core.read(core.input(), TOKEN);
}

Bytes verify(Core& core, u64 seconds, const Bytes& jid, const Bytes& token) {
  // What is longer has no room before the jid.
  if (token.size() > TOKEN || jid.size() > MAX_JID) return VERDICTS[1];
  core.write(token);
  core.write(jid, core.call("jidAddress") - core.input());
  const u32 answer = core.invoke("verify", request(token.size(), jid, seconds));
  return VERDICTS[answer & 0xff];
}

Bytes fromHex(const std::string& hex) {
  Bytes bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

std::string toHex(const Bytes& bytes) {
  std::ostringstream hex;
  for (unsigned char byte : bytes) hex << std::hex << (byte >> 4) << (byte & 15);
  return hex.str();
}

int main(int, char** argv) try {
  std::ifstream file(argv[1], std::ios::binary);
  const std::vector<u8> wasm{std::istreambuf_iterator<char>(file), {}};
  auto core = std::make_unique<Core>(wasm);
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    const std::vector<std::string> w{std::istream_iterator<std::string>(words), {}};
    const auto bytes = [&](size_t i) { return fromHex(w.at(i)); };
    const auto number = [&](size_t i) { return std::stoull(w.at(i)); };
    if (w.at(0) == "hmac") {
      std::cout << toHex(hmac(*core, number(1), bytes(2), bytes(3)));
    } else if (w[0] == "totp") {
      std::cout << totp(*core, number(1), bytes(2), number(3), number(4));
    } else if (w[0] == "keys") {
      core->call("wipe");
      core = std::make_unique<Core>(wasm);
      setUp(*core, bytes(1), bytes(2), bytes(3));
      std::cout << "ok";
    } else if (w[0] == "issue") {
      std::cout << issue(*core, number(1), bytes(2), bytes(3));
    } else {
      std::cout << verify(*core, number(1), bytes(2), bytes(3));
    }
    std::cout << '\n';
  }
  core->call("wipe");
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
