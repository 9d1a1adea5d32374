/*
 * TLS against `openssl s_server` on loopback, with certificates made for the
 * run in a temporary folder.  Without openssl on the machine the tests are
 * skipped, and say so.
 */
#include "net/dial.h"

#include <poll.h>
#include <signal.h>

#include "test.h"
#include "tls_server.h"

enum { BIG = 3 * 1000 * 1000 };

static const char	certificates[] =
"printf '[req]\\ndistinguished_name=dn\\n[dn]\\n' >cnf\n"
"ec='ec -pkeyopt ec_paramgen_curve:P-256'\n"
/* make NAME KEY ISSUER EXTENSION... */
"make() {\n"
"	name=$1 key=$2 by=${3:+-CA $3.pem -CAkey $3.key}; shift 3\n"
"	for e; do set -- \"$@\" -addext \"$e\"; shift; done\n"
"	openssl req -config cnf -x509 -nodes -newkey $key $by ${md:-} \\\n"
"	    -keyout $name.key -out $name.pem -subj /CN=$name -days 3 \"$@\"\n"
"}\n"
"ca=basicConstraints=critical,CA:TRUE local=subjectAltName=DNS:localhost\n"
"make ca rsa:2048 '' $ca\n"
"make otherca \"$ec\" '' $ca\n"
"make mid \"$ec\" ca $ca,pathlen:0\n"
"make mid2 \"$ec\" mid $ca\n"
"make bound \"$ec\" ca $ca 'nameConstraints=permitted;DNS:localhost'\n"
"make plain \"$ec\" ca $local\n"
"make rsa rsa:2048 ca $local\n"
"make p384 'ec -pkeyopt ec_paramgen_curve:P-384' mid $local\n"
"make low \"$ec\" mid $local\n"
"make toolow \"$ec\" mid2 $local\n"
"make bounded \"$ec\" bound $local\n"
"make wild \"$ec\" ca 'subjectAltName=DNS:*.localhost'\n"
"make ip \"$ec\" ca subjectAltName=IP:127.0.0.1,DNS:localhost\n"
"make wrongip \"$ec\" ca subjectAltName=IP:127.0.0.2,DNS:127.0.0.1\n"
"make ip6 \"$ec\" ca subjectAltName=IP:::1\n"
"make wrong \"$ec\" ca subjectAltName=DNS:elsewhere.example\n"
"make localhost \"$ec\" ca keyUsage=digitalSignature\n"
"make self \"$ec\" '' $local\n"
"make stranger \"$ec\" otherca $local\n"
"make notca \"$ec\" plain $local\n"
"make weak rsa:1024 ca $local\n"
"make client \"$ec\" ca $local extendedKeyUsage=clientAuth\n"
"make server \"$ec\" ca $local extendedKeyUsage=clientAuth,serverAuth\n"
"md=-sha1 make sha1 \"$ec\" ca $local\n"
"openssl req -config cnf -new -nodes -newkey $ec -keyout old.key \\\n"
"    -out old.csr -subj /CN=old -addext $local\n"
"openssl x509 -req -in old.csr -days -1 -copy_extensions copyall \\\n"
"    -CA ca.pem -CAkey ca.key -out old.pem\n"
/* The same authority twice: signed by itself, and by one that we trust. */
"openssl req -config cnf -new -key otherca.key -subj /CN=otherca -out x.csr\n"
"printf 'basicConstraints=critical,CA:TRUE\\n' >x.ext\n"
"openssl x509 -req -in x.csr -days 3 -extfile x.ext -CA ca.pem \\\n"
"    -CAkey ca.key -out cross.pem\n"
"cat ca.pem mid.pem >odd.pem\n"
"cat wild.pem mid.pem ca.pem >stray.pem\n"
"cat otherca.pem cross.pem >twice.pem\n"
"head -c 3000000 /dev/urandom >big\n";



static const struct {
	const char	*name, *server, *host;
	enum dial_result result;
	const char	*why;		/* stands in the reason */
} cases[] = {
	{ "ECDSA", "-cert plain.pem -key plain.key", "localhost", DIAL_OK, "" },
	{ "RSA", "-cert rsa.pem -key rsa.key", "localhost", DIAL_OK, "" },
	{ "ChaCha20", "-cert rsa.pem -key rsa.key -cipher ECDHE+CHACHA20",
	  "localhost", DIAL_OK, "" },
	{ "AES-256", "-cert rsa.pem -key rsa.key -cipher ECDHE+AES256",
	  "localhost", DIAL_OK, "" },
	{ "upper case, dot", "-cert rsa.pem -key rsa.key", "LocalHost.",
	  DIAL_OK, "" },
	{ "intermediate, P-384", "-cert p384.pem -key p384.key "
	  "-cert_chain mid.pem", "localhost", DIAL_OK, "" },
	{ "wildcard", "-cert wild.pem -key wild.key", "a.localhost",
	  DIAL_OK, "" },
	{ "wildcard is one label", "-cert wild.pem -key wild.key",
	  "a.b.localhost", DIAL_TLS, "not for this host" },
	{ "wildcard is not none", "-cert wild.pem -key wild.key",
	  "localhost", DIAL_TLS, "not for this host" },
	{ "IP address", "-cert ip.pem -key ip.key", "127.0.0.1", DIAL_OK, "" },
	{ "IP address as DNS name", "-cert wrongip.pem -key wrongip.key",
	  "127.0.0.1", DIAL_TLS, "not for this host" },
	{ "IP address, only names", "-cert plain.pem -key plain.key",
	  "127.0.0.1", DIAL_TLS, "not for this host" },
	{ "IP address of another kind", "-cert ip6.pem -key ip6.key",
	  "127.0.0.1", DIAL_TLS, "not for this host" },
	{ "name in the subject only", "-cert localhost.pem -key localhost.key",
	  "localhost", DIAL_TLS, "no subjectAltName" },
	{ "wrong name", "-cert wrong.pem -key wrong.key", "localhost",
	  DIAL_TLS, "not for this host" },
	{ "expired", "-cert old.pem -key old.key", "localhost", DIAL_TLS,
	  "expired" },
	{ "self-signed", "-cert self.pem -key self.key", "localhost", DIAL_TLS,
	  "no trusted authority" },
	{ "other authority", "-cert stranger.pem -key stranger.key",
	  "localhost", DIAL_TLS, "no trusted authority" },
	{ "other authority shown", "-cert stranger.pem -key stranger.key "
	  "-cert_chain otherca.pem", "localhost", DIAL_TLS,
	  "no trusted authority" },
	{ "missing intermediate", "-cert low.pem -key low.key", "localhost",
	  DIAL_TLS, "no trusted authority" },
	{ "chain in odd order", "-cert low.pem -key low.key "
	  "-cert_chain odd.pem", "localhost", DIAL_OK, "" },
	{ "stray certificate", "-cert low.pem -key low.key "
	  "-cert_chain stray.pem", "localhost", DIAL_OK, "" },
	{ "second way up", "-cert stranger.pem -key stranger.key "
	  "-cert_chain twice.pem", "localhost", DIAL_OK, "" },
	{ "path too long", "-cert toolow.pem -key toolow.key -cert_chain "
	  "toolong.pem", "localhost", DIAL_TLS, "may not issue" },
	{ "issued by no authority", "-cert notca.pem -key notca.key "
	  "-cert_chain plain.pem", "localhost", DIAL_TLS, "may not issue" },
	{ "issuer with name constraints", "-cert bounded.pem -key bounded.key "
	  "-cert_chain bound.pem", "localhost", DIAL_TLS, "bound to" },
	{ "RSA-1024", "-cert weak.pem -key weak.key -cipher DEFAULT@SECLEVEL=0",
	  "localhost", DIAL_TLS, "RSA-2048" },
	{ "SHA-1", "-cert sha1.pem -key sha1.key -cipher DEFAULT@SECLEVEL=0",
	  "localhost", DIAL_TLS, "SHA-1" },
	{ "for clients only", "-cert client.pem -key client.key", "localhost",
	  DIAL_TLS, "not meant for TLS servers" },
	{ "for servers too", "-cert server.pem -key server.key", "localhost",
	  DIAL_OK, "" },
	{ "TLS 1.3 only", "-cert rsa.pem -key rsa.key -tls1_3", "localhost",
	  DIAL_TLS, "TLS 1.3" },
	{ "TLS 1.1 only", "-cert rsa.pem -key rsa.key -tls1_1 -cipher "
	  "DEFAULT@SECLEVEL=0", "localhost", DIAL_TLS, "TLS 1.2" },
	{ "RSA key exchange only", "-cert rsa.pem -key rsa.key -cipher kRSA",
	  "localhost", DIAL_TLS, "cipher suite" },
	{ "ALPN without http/1.1", "-cert rsa.pem -key rsa.key -alpn h2",
	  "localhost", DIAL_TLS, "ALPN" },
};

static void
verifies_the_server(void)
{
	shell("cat mid2.pem mid.pem >toolong.pem");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char args[256];
		struct server s;
		struct client c;

		printf("    %s\n", cases[i].name);
		snprintf(args, sizeof args, "-rev %s", cases[i].server);
		s = serve(args);
		start(&c, "ca.pem");
		dial(&c, cases[i].host, s.port);
		if (c.result != cases[i].result || !strstr(c.why, cases[i].why))
			printf("    %d: %s\n", c.result, c.why);
		CHECK(c.result == cases[i].result);
		CHECK(strstr(c.why, cases[i].why));
		if (c.result == DIAL_OK)
			ask(&c, "hello\n", "olleh\n");
		finish(&c);
		stop(&s);
	}
}

/* The server's own certificate as the only one that is trusted. */
static void
trusts_one_server(void)
{
	struct server s = serve("-rev -cert self.pem -key self.key");
	struct client c;

	start(&c, "self.pem");
	dial(&c, "localhost", s.port);
	CHECK(c.result == DIAL_OK);
	ask(&c, "hello\n", "olleh\n");
	finish(&c);
	start(&c, "plain.pem");
	dial(&c, "localhost", s.port);
	CHECK(c.result == DIAL_TLS);
	finish(&c);
	stop(&s);
}

static void
answers_that_no_tls_is_there(void)
{
	struct client c;
	struct sock_address a;
	const char *why;
	int fd, peer = -1;

	CHECK(sock_parse(SLICE("127.0.0.1:0"), &a, &why));
	fd = sock_listen(&a, false, 4);
	CHECK(fd >= 0);
	sock_local(fd, &a);
	start(&c, "ca.pem");
	c.target = (struct dial_target){ .host = SLICE("localhost"),
	    .port = sock_port(&a), .tls = true };
	c.dial = (struct dial){ .done = on_dialed, .owner = &c };
	c.dial.conn = &c.conn;
	dial_start(&c.dial, &c.dialer, &c.target, &c.conn, 10000);
	for (int i = 0; i < 500 && !c.done; i++) {
		struct sock_address from;

		loop_turn(c.loop, 10);
		if (peer < 0) {
			peer = sock_accept(fd, &from);
			if (peer >= 0)
				CHECK(write(peer, "HTTP/1.1 400 Bad\r\n",
				    18) == 18);
		}
	}
	CHECK(c.done && c.result == DIAL_TLS);
	CHECK(strstr(c.why, "does not speak TLS"));
	close(peer);
	close(fd);
	finish(&c);
}

/* Fill the connection's out and borrow more: all arrives, in order. */
static void
moves_much_both_ways(void)
{
	struct server s = serve("-HTTP -cert rsa.pem -key rsa.key");
	struct client c;
	char *want = malloc(BIG);
	size_t got = 0;
	FILE *f = fopen("big", "r");

	CHECK(want && f && fread(want, 1, BIG, f) == BIG);
	fclose(f);
	start(&c, "ca.pem");
	dial(&c, "localhost", s.port);
	CHECK(c.result == DIAL_OK);
	/* A head that takes many records, with its end borrowed. */
	buf_text(&c.conn.out, "GET /big HTTP/1.0\r\n");
	for (int i = 0; i < 1000; i++)
		buf_fmt(&c.conn.out, "X-%d: %099d\r\n", i, i);
	conn_borrow(&c.conn, SLICE("\r\n"));
	CHECK(conn_flush(&c.conn));
	for (int i = 0; i < 50000 && c.conn.end == CONN_OPEN; i++) {
		/* Odd sizes, so that records are cut anywhere. */
		size_t max = 1 + (size_t)i * 977 % 40000;

		if (!conn_fill(&c.conn, max)) {
			loop_turn(c.loop, 20);
			continue;
		}
		CHECK(buf_len(&c.conn.in) <= max);
		CHECK(got + buf_len(&c.conn.in) <= BIG);
		CHECK(!memcmp(c.conn.in.data + c.conn.in.start, want + got,
		    buf_len(&c.conn.in)));
		got += buf_len(&c.conn.in);
		buf_take(&c.conn.in, buf_len(&c.conn.in));
	}
	CHECK(got == BIG);
	CHECK(conn_pending(&c.conn) == 0);
	CHECK(c.conn.end == CONN_CLOSED);	/* close_notify came */
	free(want);
	finish(&c);
	stop(&s);
}

static void
tells_a_cut_from_an_end(void)
{
	struct server s = serve("-rev -cert plain.pem -key plain.key");
	struct client c;

	start(&c, "ca.pem");
	dial(&c, "localhost", s.port);
	ask(&c, "hello\n", "olleh\n");
	stop(&s);			/* FIN, and no close_notify */
	gather(&c, 1);
	CHECK(c.conn.end == CONN_CUT);
	CHECK(strstr(c.conn.why, "close_notify"));
	finish(&c);
}

/* The last bytes and the FIN wait together: both are seen, in order. */
static void
reads_before_a_cut(void)
{
	struct server s = serve("-rev -cert plain.pem -key plain.key");
	struct client c;
	struct pollfd p = { .events = POLLIN };

	start(&c, "ca.pem");
	dial(&c, "localhost", s.port);
	say(&c, "hello\n");
	p.fd = c.conn.watch.fd;
	CHECK(poll(&p, 1, 5000) == 1);
	stop(&s);
	p.events = POLLRDHUP;
	CHECK(poll(&p, 1, 5000) == 1);
	gather(&c, 6);
	CHECK_BYTES(c.conn.in.data + c.conn.in.start, buf_len(&c.conn.in),
	    "olleh\n", 6);
	gather(&c, 100);
	CHECK(c.conn.end == CONN_CUT);
	finish(&c);
}

static void
says_goodbye(void)
{
	struct server s = serve("-rev -cert plain.pem -key plain.key");
	struct client c;

	start(&c, "ca.pem");
	dial(&c, "localhost", s.port);
	buf_text(conn_out(&c.conn), "hello\n");
	conn_shutdown(&c.conn);		/* after what waits */
	CHECK(conn_pending(&c.conn) == 0);
	gather(&c, 64);
	CHECK(c.conn.end == CONN_CLOSED);
	finish(&c);
	stop(&s);
}

static void
resumes_sessions(void)
{
	struct server s = serve("-rev -no_ticket -cert rsa.pem -key rsa.key");
	struct client c;

	start(&c, "ca.pem");
	for (int i = 0; i < 3; i++) {
		dial(&c, "localhost", s.port);
		CHECK(c.result == DIAL_OK);
		CHECK(tls_resumed(c.conn.tls) == (i > 0));
		ask(&c, "hello\n", "olleh\n");
		conn_close(&c.conn);
	}
	/* A session belongs to the name it was made for. */
	dial(&c, "127.0.0.1", s.port);
	CHECK(c.result == DIAL_TLS);
	dial(&c, "localhost", s.port);
	CHECK(c.result == DIAL_OK && tls_resumed(c.conn.tls));
	finish(&c);
	stop(&s);
}

/* More servers than the cache holds: the ones used last stay. */
static void
sessions_are_bounded(void)
{
	struct server s[6];
	struct client c;
	bool resumed[6];

	start(&c, "ca.pem");
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 6; i++) {
			if (round == 0)
				s[i] = serve("-rev -no_ticket -cert plain.pem "
				    "-key plain.key");
			dial(&c, "localhost", s[i].port);
			CHECK(c.result == DIAL_OK);
			resumed[i] = tls_resumed(c.conn.tls);
			CHECK(round > 0 || !resumed[i]);
			conn_close(&c.conn);
		}
	CHECK(!resumed[0]);		/* five others came since */
	dial(&c, "localhost", s[5].port);
	CHECK(tls_resumed(c.conn.tls));
	finish(&c);
	for (int i = 0; i < 6; i++)
		stop(&s[i]);
}

/* An idle connection holds no record buffers, and is fit for the pool. */
static void
rests_small(void)
{
	struct server s = serve("-rev -cert plain.pem -key plain.key");
	struct client c;

	start(&c, "ca.pem");
	dial(&c, "localhost", s.port);
	ask(&c, "hello\n", "olleh\n");
	CHECK(conn_quiet(&c.conn));
	CHECK(!tls_busy(c.conn.tls));
	conn_rest(&c.conn);
	CHECK(c.conn.in.cap == 0 && c.conn.out.cap == 0);
	ask(&c, "again\n", "niaga\n");
	finish(&c);
	stop(&s);
}

static void
handshake_times_out(void)
{
	struct client c;
	struct sock_address a;
	const char *why;
	int fd;

	CHECK(sock_parse(SLICE("127.0.0.1:0"), &a, &why));
	fd = sock_listen(&a, false, 4);
	CHECK(fd >= 0);
	sock_local(fd, &a);
	start(&c, "ca.pem");
	c.target = (struct dial_target){ .host = SLICE("localhost"),
	    .port = sock_port(&a), .tls = true };
	c.dial = (struct dial){ .done = on_dialed, .owner = &c };
	c.dial.conn = &c.conn;
	dial_start(&c.dial, &c.dialer, &c.target, &c.conn, 100);
	for (int i = 0; i < 500 && !c.done; i++)
		loop_turn(c.loop, 20);
	CHECK(c.done && c.result == DIAL_TIMEOUT);
	CHECK(strstr(c.why, "handshake"));
	close(fd);
	finish(&c);
}

static void
refuses_bad_hosts(void)
{
	struct client c;
	char name[300];
	const char *why;

	start(&c, "ca.pem");
	memset(name, 'a', sizeof name);
	CHECK(!tls_new(c.dialer.trust, NULL, SLICE(""), 1, &why));
	CHECK(why);
	CHECK(!tls_new(c.dialer.trust, NULL, SLICE("."), 1, &why));
	CHECK(why);
	CHECK(!tls_new(c.dialer.trust, NULL, SLICE("a\0b"), 1, &why));
	CHECK(why);
	CHECK(!tls_new(c.dialer.trust, NULL,
	    (struct slice){ name, sizeof name }, 1, &why));
	CHECK(why);
	finish(&c);
}

/* --- around the tests */

static void
makes_certificates(void)
{
	signal(SIGPIPE, SIG_DFL);	/* a stray one must be seen */
	shell(certificates);
	CHECK(access("big", R_OK) == 0);
}

static const struct test all[] = {
	{ "makes certificates", makes_certificates },
	{ "refuses bad hosts", refuses_bad_hosts },
	{ "verifies the server", verifies_the_server },
	{ "trusts one server", trusts_one_server },
	{ "answers that no TLS is there", answers_that_no_tls_is_there },
	{ "moves much both ways", moves_much_both_ways },
	{ "tells a cut from an end", tells_a_cut_from_an_end },
	{ "reads before a cut", reads_before_a_cut },
	{ "says goodbye", says_goodbye },
	{ "resumes sessions", resumes_sessions },
	{ "sessions are bounded", sessions_are_bounded },
	{ "rests small", rests_small },
	{ "handshake times out", handshake_times_out },
};

/* The tests run in a child: a failed one ends it, and the folder still goes. */
int
main(int argc, char **argv)
{
	int status = -1;
	pid_t pid;

	if (access("/usr/bin/openssl", X_OK) < 0 &&
	    access("/usr/local/bin/openssl", X_OK) < 0) {
		printf("skipped: there is no openssl on this machine\n");
		printf("0 passed, 0 failed\n");
		return 0;
	}
	if (!mkdtemp(folder) || chdir(folder) < 0)
		return 1;
	pid = fork();
	if (pid == 0)
		exit(test_main(all, sizeof all / sizeof *all, argc, argv));
	waitpid(pid, &status, 0);
	if (fork() == 0)
		execlp("rm", "rm", "-rf", folder, (char *)NULL);
	wait(NULL);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
