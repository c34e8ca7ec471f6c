/*
 * The limit to hold the library against: the same verification in C with the SHA instructions of x86, two streams
 * interleaved, from lines `jid TAB token LF` in memory. Written for this bench, for one host and one key.
 *
 * Checked are the form, the host, the OTP against three codes, the HMAC-SHA-256 from midstates (RFC 2104 over FIPS 180-4),
 * its base64 in full, and that it was not accepted before: a table of 64-byte buckets for each of three steps, as in
 * the library. The MACs of a group come first and the table last, its buckets fetched ahead.
 *
 * Input, numbers little-endian: once  u32 secret bytes, u32 domain bytes, u32 entries a step, secret, domain;
 * then for each round  u64 step, 3 x 8 digits, u64 bytes, lines.  Answer to each round, as text:
 * "nanoseconds accepted lines\n".
 */
#include <immintrin.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PREFIX = 40, SIGNATURE = 44, TOKEN = PREFIX + 1 + SIGNATURE, GROUP = 256, STEPS = 3, TAGS = 7 };
enum { MAX_JID = 128 - 9 - PREFIX };

/* ---- SHA-256 ---------------------------------------------------------------------------------------------- */

typedef struct { __m128i abef, cdgh; } State;

/* FIPS 180-4 section 4.2.2 */
static const uint32_t K[64] __attribute__((aligned(64))) = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2 };

#define INLINE static inline __attribute__((always_inline))

INLINE __m128i swap_words(__m128i bytes) {
  return _mm_shuffle_epi8(bytes, _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL));
}

/* Rounds 4t to 4t+3 and, from t = 3 on, W(4t+4) to W(4t+7), in a ring of four vectors: w[t & 3] holds W(4t). */
INLINE void quad(State *s, __m128i w[4], int t) {
  __m128i wk = _mm_add_epi32(w[t & 3], _mm_load_si128((const __m128i *)(K + 4 * t)));
  s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, wk);
  if (t >= 3 && t < 15) {
    __m128i later = _mm_alignr_epi8(w[t & 3], w[(t - 1) & 3], 4);
    __m128i next = _mm_add_epi32(_mm_sha256msg1_epu32(w[(t + 1) & 3], w[(t + 2) & 3]), later);
    w[(t + 1) & 3] = _mm_sha256msg2_epu32(next, w[t & 3]);
  }
  s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh, _mm_shuffle_epi32(wk, 0x0e));
}

/* Two independent blocks: while one waits for an instruction, the other one's runs. */
INLINE void compress2(State s[2], const uint8_t *block0, const uint8_t *block1) {
  __m128i w0[4], w1[4];
  State a = s[0], b = s[1];
  for (int i = 0; i < 4; i++) {
    w0[i] = swap_words(_mm_loadu_si128((const __m128i *)block0 + i));
    w1[i] = swap_words(_mm_loadu_si128((const __m128i *)block1 + i));
  }
#pragma GCC unroll 16
  for (int t = 0; t < 16; t++) { quad(&a, w0, t); quad(&b, w1, t); }
  s[0].abef = _mm_add_epi32(s[0].abef, a.abef); s[0].cdgh = _mm_add_epi32(s[0].cdgh, a.cdgh);
  s[1].abef = _mm_add_epi32(s[1].abef, b.abef); s[1].cdgh = _mm_add_epi32(s[1].cdgh, b.cdgh);
}

static State state_of(const uint32_t h[8]) {
  return (State){ _mm_set_epi32(h[0], h[1], h[4], h[5]), _mm_set_epi32(h[2], h[3], h[6], h[7]) };
}

static const uint32_t INITIAL[8] = { /* FIPS 180-4 section 5.3.3 */
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

INLINE void store_digest(uint8_t *out, State s) {
  __m128i feba = _mm_shuffle_epi32(s.abef, 0x1b), dchg = _mm_shuffle_epi32(s.cdgh, 0xb1);
  __m128i dcba = _mm_blend_epi16(feba, dchg, 0xf0), hgfe = _mm_alignr_epi8(dchg, feba, 8);
  _mm_storeu_si128((__m128i *)out, swap_words(dcba));
  _mm_storeu_si128((__m128i *)out + 1, swap_words(hgfe));
}

/* ---- HMAC, base64 ----------------------------------------------------------------------------------------- */

static State inner_midstate, outer_midstate;

static void set_key(const uint8_t *key, uint32_t length) {
  uint8_t blocks[2][64];
  for (uint32_t i = 0; i < 64; i++) {
    uint8_t byte = i < length ? key[i] : 0;
    blocks[0][i] = byte ^ 0x36;
    blocks[1][i] = byte ^ 0x5c;
  }
  State s[2] = { state_of(INITIAL), state_of(INITIAL) };
  compress2(s, blocks[0], blocks[1]);
  inner_midstate = s[0];
  outer_midstate = s[1];
}

/* One block is what fits 55 bytes: room for 0x80 and the length. */
typedef struct { const uint8_t *jid, *token; uint32_t jid_length; int step; uint8_t mac[48]; } Entry;

INLINE int blocks_of(const Entry *e) { return PREFIX + e->jid_length <= 55 ? 1 : 2; }

INLINE void lay_out(uint8_t *message, const Entry *e, int blocks) {
  uint32_t length = PREFIX + e->jid_length, bits = (64 + length) * 8;
  memset(message + 32, 0, blocks * 64 - 32);
  memcpy(message, e->token, PREFIX);
  memcpy(message + PREFIX, e->jid, e->jid_length);
  message[length] = 0x80;
  message[blocks * 64 - 2] = bits >> 8;
  message[blocks * 64 - 1] = bits;
}

static void hmac2(Entry *a, Entry *b, int blocks) {
  uint8_t messages[2][128] __attribute__((aligned(64))), outer[2][64] __attribute__((aligned(64))) = { { 0 }, { 0 } };
  State s[2] = { inner_midstate, inner_midstate };
  lay_out(messages[0], a, blocks);
  lay_out(messages[1], b, blocks);
  for (int i = 0; i < blocks; i++) compress2(s, messages[0] + 64 * i, messages[1] + 64 * i);
  for (int i = 0; i < 2; i++) {
    store_digest(outer[i], s[i]);
    outer[i][32] = 0x80;
    outer[i][62] = (64 + 32) * 8 >> 8;
    s[i] = outer_midstate;
  }
  compress2(s, outer[0], outer[1]);
  store_digest(a->mac, s[0]);
  store_digest(b->mac, s[1]);
}

/* Twelve bytes as sixteen characters of base64, RFC 4648 section 4. */
INLINE __m128i encode12(const uint8_t *bytes) {
  __m128i in = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)bytes),
                                _mm_set_epi8(10, 11, 9, 10, 7, 8, 6, 7, 4, 5, 3, 4, 1, 2, 0, 1));
  __m128i high = _mm_mulhi_epu16(_mm_and_si128(in, _mm_set1_epi32(0x0fc0fc00)), _mm_set1_epi32(0x04000040));
  __m128i low = _mm_mullo_epi16(_mm_and_si128(in, _mm_set1_epi32(0x003f03f0)), _mm_set1_epi32(0x01000010));
  __m128i sextets = _mm_or_si128(high, low);
  /* 0-25 'A'.., 26-51 'a'.., 52-61 '0'.., 62 '+', 63 '/': what to add, picked by range. */
  __m128i range = _mm_subs_epu8(sextets, _mm_set1_epi8(51));
  range = _mm_sub_epi8(range, _mm_cmpgt_epi8(sextets, _mm_set1_epi8(25)));
  __m128i shift = _mm_setr_epi8(65, 71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 0, 0);
  return _mm_add_epi8(sextets, _mm_shuffle_epi8(shift, range));
}

INLINE int encodes_to(const uint8_t mac[48], const uint8_t *signature) {
  __m128i other = _mm_xor_si128(encode12(mac), _mm_loadu_si128((const __m128i *)signature));
  other = _mm_or_si128(other, _mm_xor_si128(encode12(mac + 12), _mm_loadu_si128((const __m128i *)(signature + 16))));
  uint8_t tail[16];
  _mm_storeu_si128((__m128i *)tail, encode12(mac + 24)); /* mac[32..] is 0; eight bytes are eleven characters */
  tail[11] = '=';
  uint64_t first, last;
  memcpy(&first, signature + 32, 8);
  memcpy(&last, signature + 36, 8);
  uint64_t a, b;
  memcpy(&a, tail, 8);
  memcpy(&b, tail + 4, 8);
  return _mm_testz_si128(other, other) & (((a ^ first) | (b ^ last)) == 0);
}

/* ---- Replay table ----------------------------------------------------------------------------------------- */

typedef struct { uint64_t stamp, tags[TAGS]; } Bucket; /* stamp: (step + 1) << 3 | entries */

static Bucket *table;
static uint64_t buckets;

INLINE Bucket *bucket_of(const Entry *e, uint64_t step) {
  uint32_t pick;
  memcpy(&pick, e->mac + 8, 4);
  return table + (step + e->step) % STEPS * buckets + ((uint64_t)pick * buckets >> 32);
}

static int admit(const Entry *e, uint64_t step) {
  Bucket *bucket = bucket_of(e, step), *end = table + ((step + e->step) % STEPS + 1) * buckets;
  uint64_t tag, stamp = (step + e->step + 1) << 3;
  memcpy(&tag, e->mac, 8);
  for (;;) {
    if (bucket->stamp >> 3 != stamp >> 3) bucket->stamp = stamp;
    uint64_t entries = bucket->stamp & 7;
    for (uint64_t i = 0; i < entries; i++) if (bucket->tags[i] == tag) return 0;
    if (entries < TAGS) {
      bucket->tags[entries] = tag;
      bucket->stamp++;
      return 1;
    }
    if (++bucket == end) bucket -= buckets;
  }
}

/* ---- Lines ------------------------------------------------------------------------------------------------ */

static uint8_t domain[256];
static uint32_t domain_length;
static uint64_t codes[STEPS];

INLINE int are_digits(const uint8_t *text) {
  __m128i zero = _mm_set1_epi8('0'), nine = _mm_set1_epi8(9), over = _mm_setzero_si128();
  const int at[3] = { 0, 16, PREFIX - 16 };
  for (int i = 0; i < 3; i++) {
    __m128i digits = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)(text + at[i])), zero);
    over = _mm_or_si128(over, _mm_subs_epu8(digits, nine));
  }
  return _mm_testz_si128(over, over);
}

/* 1 + the step of the window that the OTP is of, 0 for none. */
INLINE int step_of(const uint8_t *token) {
  uint64_t otp;
  memcpy(&otp, token, 8);
  int found = 0;
  for (int i = 0; i < STEPS; i++) found = otp == codes[i] ? i + 1 : found;
  return found;
}

INLINE const uint8_t *find(const uint8_t *at, const uint8_t *end, char byte) {
  for (; at < end; at += 16) {
    __m128i same = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)at), _mm_set1_epi8(byte));
    int marks = _mm_movemask_epi8(same);
    if (marks) return at + __builtin_ctz(marks);
  }
  return end;
}

/* Fills the entry when only signature and replay are left to be checked. */
INLINE int parse(const uint8_t *line, const uint8_t *tab, const uint8_t *end, Entry *e) {
  const uint8_t *token = tab + 1;
  if (end - token != TOKEN || token[PREFIX] != ' ' || !are_digits(token)) return 0;
  uint32_t length = tab - line;
  if (length <= domain_length + 1 || length > MAX_JID) return 0;
  if (line[length - domain_length - 1] != '@' || memcmp(tab - domain_length, domain, domain_length)) return 0;
  int step = step_of(token);
  e->jid = line; e->token = token; e->jid_length = length; e->step = step - 2;
  return step != 0;
}

static uint64_t verify(const uint8_t *text, uint64_t bytes, uint64_t step, uint64_t *lines) {
  static Entry entries[GROUP];
  const uint8_t *line = text, *end = text + bytes;
  uint64_t accepted = 0;
  while (line < end) {
    int count = 0, waiting[3] = { -1, -1, -1 };
    for (; line < end && count < GROUP; (*lines)++) {
      const uint8_t *tab = find(line, end, '\t');
      const uint8_t *stop = find(tab < end ? tab + 1 : line, end, '\n');
      if (tab < end && parse(line, tab, stop, &entries[count])) {
        int blocks = blocks_of(&entries[count]);
        if (waiting[blocks] < 0) waiting[blocks] = count;
        else { hmac2(&entries[waiting[blocks]], &entries[count], blocks); waiting[blocks] = -1; }
        count++;
      }
      line = stop + 1;
    }
    for (int blocks = 1; blocks <= 2; blocks++) {
      Entry spare;
      if (waiting[blocks] < 0) continue;
      spare = entries[waiting[blocks]];
      hmac2(&entries[waiting[blocks]], &spare, blocks);
    }
    int good = 0;
    for (int i = 0; i < count; i++) {
      if (!encodes_to(entries[i].mac, entries[i].token + PREFIX + 1)) continue;
      _mm_prefetch((const char *)bucket_of(&entries[i], step), _MM_HINT_T0);
      if (i != good) entries[good] = entries[i];
      good++;
    }
    for (int i = 0; i < good; i++) accepted += admit(&entries[i], step);
  }
  return accepted;
}

/* ---- Rounds ----------------------------------------------------------------------------------------------- */

static int read_all(void *into, size_t bytes) { return fread(into, 1, bytes, stdin) == bytes; }

int main(void) {
  uint32_t head[3];
  uint8_t secret[64];
  if (!read_all(head, sizeof head) || head[0] > sizeof secret || head[1] > sizeof domain) return 1;
  if (!read_all(secret, head[0]) || !read_all(domain, head[1])) return 1;
  set_key(secret, head[0]);
  domain_length = head[1];
  buckets = head[2] / TAGS + 1;
  size_t table_bytes = STEPS * buckets * sizeof(Bucket);
  if (!(table = aligned_alloc(64, table_bytes))) return 1;
  memset(table, 0, table_bytes);

  uint64_t step, bytes;
  while (read_all(&step, 8) && read_all(codes, sizeof codes) && read_all(&bytes, 8)) {
    uint8_t *text = calloc(1, bytes + 64); /* vectors read past the end */
    if (!text || !read_all(text, bytes)) return 1;
    struct timespec from, to;
    uint64_t lines = 0;
    clock_gettime(CLOCK_MONOTONIC, &from);
    uint64_t accepted = verify(text, bytes, step, &lines);
    clock_gettime(CLOCK_MONOTONIC, &to);
    uint64_t ns = (to.tv_sec - from.tv_sec) * 1000000000ULL + to.tv_nsec - from.tv_nsec;
    printf("%llu %llu %llu\n", (unsigned long long)ns, (unsigned long long)accepted, (unsigned long long)lines);
    fflush(stdout);
    free(text);
  }
  return 0;
}
