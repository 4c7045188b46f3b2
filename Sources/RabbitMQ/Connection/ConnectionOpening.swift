import CRabbitMQ
import DriverSupport
import Glibc

extension BrokerConnection {
    /// Connects to one address, encrypts, logs in and opens the channel, all until the deadline; blocks the calling
    /// thread, which must be our own.
    ///
    /// `address` is nil for TLS, where the library looks the name up. `adopt` gets the socket as soon as there is one,
    /// so that it can be hurried from outside.
    /// - Throws: ``RabbitMQError`` of kind `connectionFailed`, `authentication`, `notFound` or `notAllowed`, among others.
    static func open(
        _ configuration: RabbitMQConfiguration, at endpoint: Endpoint, _ address: SocketAddress?,
        until deadline: MonotonicTime, wake: WakeUp, isCancelled: () -> Bool, adopt: (BrokerSocket) -> Void
    ) throws(RabbitMQError) -> BrokerConnection {
        guard let handle = amqp_new_connection() else {
            throw RabbitMQError(.connectionFailed, "no memory for a connection")
        }
        var isHandedOver = false
        defer { if !isHandedOver { amqp_destroy_connection(handle) } }

        let socket: BrokerSocket
        if let tls = configuration.tls {
            socket = try openTLS(tls, configuration, endpoint, until: deadline, handle)
        } else if let address {
            guard let tcp = amqp_tcp_socket_new(handle) else {
                throw RabbitMQError(.connectionFailed, "no memory for a socket")
            }
            let descriptor = try SocketConnector.connect(
                address, of: endpoint, until: deadline, wake: wake, isCancelled: isCancelled)
            BrokerSocket.configure(descriptor, timeout: configuration.socketTimeout)
            // From here on the library closes it.
            amqp_tcp_socket_set_sockfd(tcp, descriptor)
            socket = try BrokerSocket(duplicating: descriptor, callLimit: configuration.socketTimeout)
        } else {
            throw RabbitMQError(.connectionFailed, "\(endpoint): no address")
        }
        adopt(socket)
        var patience = max(deadline.fromNow, .milliseconds(1)).timeValue
        amqp_set_handshake_timeout(handle, &patience)
        amqp_set_rpc_timeout(handle, &patience)
        do throws(RabbitMQError) {
            try logIn(configuration, endpoint, until: deadline, handle, socket)
            _ = socket.guarded(limit: deadline.fromNow + margin) { amqp_channel_open(handle, channel) }
            try check(amqp_get_rpc_reply(handle), "\(endpoint): opening a channel", else: .connectionFailed)
        } catch {
            socket.close()
            throw error
        }
        var requestPatience = configuration.requestTimeout.timeValue
        amqp_set_rpc_timeout(handle, &requestPatience)
        isHandedOver = true
        return BrokerConnection(handle: handle, socket: socket, requestTimeout: configuration.requestTimeout)
    }

    /// The library ends the handshake itself; this is for its sends.
    private static var margin: Duration { .milliseconds(500) }

    /// The library opens an encrypted socket itself: to any address of the host, since it checks the name it is given.
    private static func openTLS(
        _ tls: RabbitMQTLS, _ configuration: RabbitMQConfiguration, _ endpoint: Endpoint,
        until deadline: MonotonicTime, _ handle: amqp_connection_state_t
    ) throws(RabbitMQError) -> BrokerSocket {
        guard let ssl = amqp_ssl_socket_new(handle) else {
            throw RabbitMQError(.connectionFailed, "no TLS context")
        }
        amqp_ssl_socket_set_verify_peer(ssl, tls.verifiesPeer ? 1 : 0)
        amqp_ssl_socket_set_verify_hostname(ssl, tls.verifiesPeer ? 1 : 0)
        try check(amqp_ssl_socket_set_ssl_versions(ssl, AMQP_TLSv1_2, AMQP_TLSvLATEST), "setting the TLS versions")
        if tls.verifiesPeer {
            let file = tls.certificateAuthorityFile ?? systemAuthorities
            try check(amqp_ssl_socket_set_cacert(ssl, file), "reading the authorities in \(file)", file)
        }
        if let certificate = tls.certificateFile {
            let key = tls.keyFile ?? certificate
            let status = amqp_ssl_socket_set_key(ssl, certificate, key)
            try check(status, "reading the certificate \(certificate) and its key", certificate)
        }
        var patience = max(deadline.fromNow, .milliseconds(1)).timeValue
        let status = amqp_socket_open_noblock(ssl, endpoint.host, Int32(endpoint.port), &patience)
        if status != AMQP_STATUS_OK.rawValue {
            let text = amqp_error_string2(status).map { String(cString: $0) } ?? "status \(status)"
            throw RabbitMQError(.connectionFailed, "\(endpoint): \(text)")
        }
        let descriptor = amqp_socket_get_sockfd(ssl)
        BrokerSocket.configure(descriptor, timeout: configuration.socketTimeout)
        return try BrokerSocket(duplicating: descriptor, callLimit: configuration.socketTimeout)
    }

    private static var systemAuthorities: String {
        getenv("SSL_CERT_FILE").map { String(cString: $0) } ?? "/etc/ssl/certs/ca-certificates.crt"
    }

    private static func check(_ status: Int32, _ action: String, _ file: String? = nil) throws(RabbitMQError) {
        if status >= 0 { return }
        let descriptor = file.map { Glibc.open($0, O_RDONLY | O_CLOEXEC) } ?? 0
        // Without descriptors nothing can be said about the file.
        if descriptor < 0, errno == EMFILE || errno == ENFILE {
            throw RabbitMQError(.connectionFailed, "\(action): \(SystemError(errno: errno))")
        }
        if descriptor > 0 { Glibc.close(descriptor) }
        throw RabbitMQError(.configuration, "\(action) failed")
    }

    private static func logIn(
        _ configuration: RabbitMQConfiguration, _ endpoint: Endpoint, until deadline: MonotonicTime,
        _ handle: amqp_connection_state_t, _ socket: BrokerSocket
    ) throws(RabbitMQError) {
        let memory = AMQPMemory()
        var properties = memory.table([
            "connection_name": .string(configuration.name),
            "capabilities": .table([
                "authentication_failure_close": true, "basic.nack": true, "connection.blocked": true,
                "consumer_cancel_notify": true, "publisher_confirms": true,
            ]),
        ])
        let heartbeat = configuration.heartbeatSeconds
        let frameBytes = Int32(MessageLimits.frameBytes)
        let isExternal = configuration.tls?.authenticatesByCertificate ?? false
        let reply = socket.guarded(limit: deadline.fromNow + margin) {
            isExternal
                ? shim_amqp_login_external(
                    handle, configuration.virtualHost, 0, frameBytes, heartbeat, &properties, configuration.user)
                : shim_amqp_login_plain(
                    handle, configuration.virtualHost, 0, frameBytes, heartbeat, &properties, configuration.user,
                    configuration.password)
        }
        do throws(RabbitMQError) {
            try check(reply, "logging in", else: .connectionFailed)
        } catch {
            throw loginError(error, endpoint)
        }
    }

    /// The meaning of a refusal at this moment.
    private static func loginError(_ error: RabbitMQError, _ endpoint: Endpoint) -> RabbitMQError {
        var error = error
        switch (error.kind, error.code) {
        case (.accessRefused, _): error.kind = .authentication
        case (.notAllowed, _) where error.text.contains("not found"): error.kind = .notFound
        case (.timeout, _), (.protocolViolation, nil): error.kind = .connectionFailed
        default: break
        }
        error.text = "\(endpoint): \(error.text)"
        return error
    }
}

extension RabbitMQConfiguration {
    /// Heartbeats are agreed on in whole seconds, and zero means none.
    fileprivate var heartbeatSeconds: Int32 {
        Int32(clamping: (heartbeat.wholeNanoseconds + 999_999_999) / 1_000_000_000)
    }
}
