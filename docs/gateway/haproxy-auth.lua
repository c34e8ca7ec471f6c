-- Asks the gateway about each request. It sets txn.auth_status to the status of the answer, and
-- txn.auth_jid, txn.auth_user and txn.auth_host where the answer is yes. It sets none of them when
-- the gateway does not answer.
-- Where listen = "unix:/run/totp-token/http". For a gateway on another machine: "HOST:PORT".
local GATEWAY = "unix@/run/totp-token/http"
-- With another session.cookie, change the name here.
local COOKIE = "__Host-totp-token"

-- Parts all Cookie headers into those of the session and the others. White space and other bytes
-- outside printable ASCII may stand around a name.
local function part_cookies(lines)
	local sessions, others = {}, {}
	for i = 0, #lines do
		for pair in (lines[i] or ""):gmatch("[^;]+") do
			local name = pair:match("^[^!-~]*([^=]-)[^!-~]*=")
			local list = name == COOKIE and sessions or others
			list[#list + 1] = pair:match("^%s*(.*)$")
		end
	end
	return table.concat(sessions, "; "), table.concat(others, "; ")
end

core.register_action("totp_token", { "http-req" }, function(txn)
	local given = txn.http:req_get_headers()
	local sessions, others = part_cookies(given["cookie"] or {})
	-- The session is a credential: the application does not get it.
	txn.http:req_del_header("cookie")
	if others ~= "" then
		txn.http:req_add_header("cookie", others)
	end

	-- The gateway gets the credentials and nothing else of the request.
	local headers = { ["x-forwarded-for"] = { txn.sf:src() } }
	if sessions ~= "" then
		headers["cookie"] = { sessions }
	end
	if given["authorization"] then
		headers["authorization"] = { given["authorization"][0] }
	end
	-- These tell a person from a script, and which page to come back to.
	for _, name in ipairs({ "accept", "sec-fetch-mode", "x-requested-with" }) do
		if given[name] then
			headers[name] = { given[name][0] }
		end
	end
	headers["x-original-method"] = { txn.sf:method() }
	headers["x-original-url"] = { txn:get_var("txn.address") }
	local answer = core.httpclient():get({
		url = "http://localhost/auth",
		dst = GATEWAY,
		headers = headers,
		timeout = 2000,
	})
	if not answer or not answer.headers then
		return
	end

	local function first(name)
		local lines = answer.headers[name]
		return lines and lines[0]
	end
	txn:set_var("txn.auth_status", answer.status)
	txn:set_var("txn.auth_challenge", first("www-authenticate") or "")
	txn:set_var("txn.auth_retry_after", first("retry-after") or "")
	-- Where a person without a session is to log in, and the cookie of one that was renewed.
	if first("location") then
		txn:set_var("txn.auth_location", first("location"))
	end
	if first("set-cookie") then
		txn:set_var("txn.auth_set_cookie", first("set-cookie"))
	end
	-- A yes that names nobody is not the gateway's.
	if answer.status == 200 and (first("x-auth-jid") or ""):find("@", 1, true) then
		for _, name in ipairs({ "jid", "user", "host" }) do
			txn:set_var("txn.auth_" .. name, first("x-auth-" .. name))
		end
	end
end, 0)
