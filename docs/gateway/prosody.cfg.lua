-- Prosody with a community module that asks over HTTP: the token is the password (PLAIN).
VirtualHost "example.com"
	authentication = "http_async" -- mod_auth_http_async
	http_auth_url = "http://127.0.0.1:8080/prosody/async/$host"

VirtualHost "example.org"
	authentication = "http" -- mod_auth_http
	http_auth_url = "http://127.0.0.1:8080/prosody/http"
