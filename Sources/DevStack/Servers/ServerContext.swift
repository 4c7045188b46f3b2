/// Facts that a server's start needs to know of its stack.
struct ServerContext: Sendable {
    let layout: Layout
    let installation: Installation
    let account: ServiceAccount?
    let marker: String
    let ephemeral: Bool
    /// Whether what is committed survives a crash.
    let isDurable: Bool
    /// The part of the servers in a cluster; nil if they stand alone.
    let member: ClusterMember?

    /// A clean environment: what the caller's shell has set must not change how a server behaves.
    var baseEnvironment: [String: String] {
        [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LC_ALL": "C.UTF-8",
            "HOME": layout.root,
            DevStackState.markerVariable: marker,
        ]
    }
}
