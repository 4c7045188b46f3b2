extension ConnectionLoop {
    /// Undoes what a borrower has left behind in the session.
    ///
    /// - Returns: Whether another may have the connection.
    func discardTraces(isFit: Bool, _ site: CallSite) async -> Bool {
        guard isFit, fit.isSessionTouched else { return isFit }
        let reply = try? await run(.reset, effect: .insideTransaction, site: site, shielded: true)
        judge { $0.isSessionTouched = false }
        return reply?.isIdle ?? false
    }
}
