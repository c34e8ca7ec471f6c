-- /etc/prosody/conf.d/example.com.cfg.lua
-- Stock Prosody, 0.12 or later, with mod_auth_dovecot of Debian's prosody-modules. The gateway verifies X-TOKEN, and PLAIN with the
-- token as the password. It must run before Prosody starts: totp-token gateway --keys keys.json --dovecot 127.0.0.1:28484

-- For all hosts.
dovecot_auth_host = "127.0.0.1"
dovecot_auth_port = "28484"
-- Over a socket, instead of host and port: dovecot_auth_socket = "/run/totp-token/dovecot"

VirtualHost "example.com"
	authentication = "dovecot"
	service_name = "example.com" -- which host's keys; needed where the gateway has keys of several
