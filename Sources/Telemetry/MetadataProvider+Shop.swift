public import Logging
import ServiceContextModule

extension Logger.MetadataProvider {
    /// Adds the request id and the trace id of the current task to every record.
    public static let shop = Logger.MetadataProvider {
        guard let context = ServiceContext.current else { return [:] }
        var metadata = Logger.Metadata(minimumCapacity: 2)
        if let trace = context.traceContext { metadata[LogKey.traceID.rawValue] = .string(trace.traceID) }
        if let request = context.requestID { metadata[LogKey.requestID.rawValue] = .string(request) }
        return metadata
    }
}
