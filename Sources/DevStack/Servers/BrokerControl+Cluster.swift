/// Clusters of several stacks' brokers.
extension BrokerControl {
    /// Makes this broker a node of another one's cluster; what it holds is lost. Takes some seconds.
    ///
    /// - Parameter leader: a node that runs, and that this one's port mapper knows.
    /// - Throws: ``DevStackError/toolFailed(program:reason:)``
    public func join(_ leader: DevStackState) async throws {
        try await evaluate("rabbit:stop()")
        try await evaluate("ok = rabbit_mnesia:join_cluster('\(leader.rabbitmq.nodeName)', disc)")
        try await evaluate("ok = rabbit:start()")
    }

    /// The number of the cluster's nodes that serve, as this one sees it.
    ///
    /// - Throws: ``DevStackError/toolFailed(program:reason:)``
    public func runningNodes() async throws -> Int {
        Int(try await evaluate("length(rabbit_nodes:all_running())")) ?? 0
    }

    /// Whether the broker serves: one that has paused itself, as a minority does, only answers here.
    ///
    /// - Throws: ``DevStackError/toolFailed(program:reason:)``
    public func isServing() async throws -> Bool { try await evaluate("rabbit:is_running()") == "true" }

    /// The smallest number of nodes that keep a copy of a quorum queue; nil if there is no such queue.
    ///
    /// - Throws: ``DevStackError/toolFailed(program:reason:)``
    public func fewestCopies() async throws -> Int? {
        let smallest = try await evaluate(
            """
            lists:min([none | [length(maps:get(nodes, amqqueue:get_type_state(Queue))) || \
            Queue <- rabbit_amqqueue:list(), amqqueue:get_type(Queue) =:= rabbit_quorum_queue]])
            """)
        return Int(smallest)
    }
}
