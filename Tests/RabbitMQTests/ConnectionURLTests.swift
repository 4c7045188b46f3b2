import RabbitMQ
import Testing

@Suite("Connection URLs")
struct ConnectionURLTests {
    @Test("Every part is read and percent-decoded")
    func everyPart() throws {
        let configuration = try RabbitMQConfiguration(
            url: "amqp://sh%40p:p%2Fw@broker.example:5673/%2Fmain%20shop?heartbeat=3&connection_timeout=1500")
        #expect(configuration.user == "sh@p")
        #expect(configuration.host == "broker.example")
        #expect(configuration.port == 5673)
        #expect(configuration.virtualHost == "/main shop")
        #expect(configuration.heartbeat == .seconds(3))
        #expect(configuration.connectTimeout == .milliseconds(1500))
        #expect(configuration.tls == nil)
    }

    @Test(
        "What is left out has AMQP's defaults",
        arguments: [
            ("amqp://", "localhost", 5672, "guest"), ("amqp://h", "h", 5672, "guest"),
            ("amqp://h/", "h", 5672, "guest"), ("amqp://u@h:1", "h", 1, "u"), ("amqps://h", "h", 5671, "guest"),
            ("amqp://[::1]:9", "::1", 9, "guest"),
        ])
    func defaults(url: String, host: String, port: Int, user: String) throws {
        let configuration = try RabbitMQConfiguration(url: url)
        #expect(configuration.host == host)
        #expect(configuration.port == port)
        #expect(configuration.user == user)
        #expect(configuration.virtualHost == "/")
    }

    @Test("Several hosts, each with a port of its own or the scheme's")
    func severalHosts() throws {
        let url = "amqp://u:p,w@h1:5673,h2,[::1]:9/v?heartbeat=3"
        let configuration = try RabbitMQConfiguration(url: url)
        #expect(configuration.redacted == "amqp://u@h1:5673,h2:5672,[::1]:9/v")
        #expect(configuration.host == "h1")
        #expect(configuration.port == 5673)
        #expect(try RabbitMQConfiguration(url: "amqps://h1,h2").redacted == "amqps://guest@h1:5671,h2:5671/%2F")
    }

    @Test("TLS is set by the scheme and the query")
    func tls() throws {
        let url =
            "amqps://h/v?cacertfile=/a%20b.pem&certfile=c.pem&keyfile=k.pem&verify=verify_none&auth_mechanism=external"
        let configuration = try RabbitMQConfiguration(url: url)
        #expect(
            configuration.tls
                == RabbitMQTLS(
                    certificateAuthorityFile: "/a b.pem", certificateFile: "c.pem", keyFile: "k.pem",
                    verifiesPeer: false, authenticatesByCertificate: true))
    }

    @Test(
        "A bad URL is a configuration error that shows nothing of the password",
        arguments: [
            "http://user:s3cret@host", "amqp://user:s3cret@host:port", "amqp://user:s3cret@host:70000",
            "amqp://user:s3cret%zz@host", "amqp://user:s3cret%00@host", "amqp://user:1/s3cret@host",
            "amqp://user:1?s3cret=1@host", "amqp://user:s3cret@host?colour=red", "amqp://user:s3cret@[::1",
            "amqp://user:s3cret@host?verify=verify_none", "amqp://user:s3cret@host?heartbeat=often",
            "amqps://user:s3cret@host?verify=perhaps", "amqp://user:s3cret@h1,,h2", "amqp://user:s3cret@h1,",
            "amqp://user:s3cret@,h1", "amqp://user:s3cret@h1,h2:x", "amqp://user:s3cret@h1,[::1",
            "amqp://user:a,s3cret", "amqp://user:s3cret,h2:5672/v",
        ])
    func refused(url: String) {
        #expect {
            try RabbitMQConfiguration(url: url)
        } throws: { error in
            (error as? RabbitMQError)?.kind == .configuration && !"\(error)".contains("s3cret")
        }
    }

    @Test("No way of printing a configuration shows its password")
    func redaction() throws {
        let configuration = try RabbitMQConfiguration(url: "amqps://user:s3cret@[::1]:5671/%2F?heartbeat=1")
        #expect(configuration.redacted == "amqps://user@[::1]:5671/%2F")
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!"\(configuration) \(String(reflecting: configuration)) \(dumped)".contains("s3cret"))
    }
}
