public import Logging
import ServiceContextModule

extension Logger.MetadataProvider {
    /// Adds the request id and the trace id of the current task to every record.
    public static let shop = Logger.MetadataProvider {
        guard let context = ServiceContext.current else { return [:] }
        let (request, trace) = context.origin
        var metadata = Logger.Metadata(minimumCapacity: 2)
        if let trace { metadata[LogKey.traceID.rawValue] = .string(trace.traceID) }
        if let request { metadata[LogKey.requestID.rawValue] = .string(request) }
        return metadata
    }
}
