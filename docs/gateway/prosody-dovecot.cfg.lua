-- Stock Prosody (0.12 and later, with mod_auth_dovecot of prosody-modules) lets the gateway verify: X-TOKEN, and PLAIN with the
-- token as the password. The gateway must run before Prosody starts: totp-token gateway --dovecot 127.0.0.1:28484
plugin_paths = { "/usr/lib/prosody/modules/mod_auth_dovecot" }

VirtualHost "example.com"
	authentication = "dovecot"
	dovecot_auth_host = "127.0.0.1"
	dovecot_auth_port = "28484"
	service_name = "example.com" -- which host's keys; needed where the gateway has keys of several
	-- Over a socket, instead of host and port: dovecot_auth_socket = "/run/totp-token/dovecot"
