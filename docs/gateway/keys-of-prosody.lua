-- Writes the keys of mod_auth_token out of Prosody's configuration as a key file, by Prosody's own reader of it:
--   lua5.4 keys-of-prosody.lua /etc/prosody/prosody.cfg.lua > keys.json
-- "lua5.4" is the Lua in the first line of /usr/bin/prosody. umask 077 before it: the file holds the secrets.
local source = os.getenv("PROSODY_SRCDIR") or "/usr/lib/prosody"
package.path = source .. "/?.lua;" .. package.path
package.cpath = source .. "/?.so;" .. package.cpath
local config = require "core.configmanager"
local json = require "util.json"

local ok, kind, fault = config.load((assert(arg[1], "name the configuration file of Prosody")))
if not ok then error(kind .. ": " .. tostring(fault), 0) end

local hosts = {}
for host in pairs(config.getconfig()) do
	if host ~= "*" and config.get(host, "defined") and config.get(host, "authentication") == "token" then
		local seed, secret = config.get(host, "otp_seed"), config.get(host, "token_secret")
		if not seed or not secret then error(host .. " lacks otp_seed or token_secret", 0) end
		hosts[host] = { otpSeed = seed, tokenSecret = secret }
	end
end
if not next(hosts) then error("no VirtualHost has authentication = \"token\"", 0) end
print(json.encode({ hosts = hosts }))
