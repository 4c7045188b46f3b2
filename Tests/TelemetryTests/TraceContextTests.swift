import ServiceContextModule
import Telemetry
import Testing

@Suite("W3C trace context")
struct TraceContextTests {
    private static let example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test("A header is read and written back")
    func roundTrip() throws {
        let context = try #require(TraceContext(traceparent: Self.example))
        #expect(context.traceID == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(context.spanID == "00f067aa0ba902b7")
        #expect(context.isSampled)
        #expect(context.traceparent == Self.example)
        #expect(TraceContext(traceparent: String(Self.example.dropLast(2)) + "00")?.isSampled == false)
    }

    @Test(
        "Anything else is refused",
        arguments: [
            "", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01extra",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
            "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0é",
        ])
    func invalid(header: String) {
        #expect(TraceContext(traceparent: header) == nil)
    }

    @Test("A later version is read by its first four fields, and written as ours")
    func laterVersion() throws {
        let context = try #require(TraceContext(traceparent: "cc" + Self.example.dropFirst(2) + "-what-comes"))
        #expect(context.traceparent == Self.example)
    }

    @Test("A child stays in the trace with a span of its own; a root is a trace of its own")
    func childAndRoot() {
        let root = TraceContext.root()
        let child = root.child()
        #expect(child.traceID == root.traceID)
        #expect(child.spanID != root.spanID)
        #expect(child.isSampled)
        #expect(TraceContext.root().traceID != root.traceID)
        #expect(!TraceContext.root(sampled: false).child().isSampled)
        #expect(TraceContext(traceparent: root.traceparent) == root)
    }

    @Test("The current task's context carries it, into child tasks too")
    func current() async {
        #expect(TraceContext.current == nil)
        let trace = TraceContext.root()
        var context = ServiceContext.topLevel
        context.traceContext = trace
        await ServiceContext.withValue(context) {
            #expect(TraceContext.current == trace)
            async let inside = TraceContext.current
            #expect(await inside == trace)
        }
    }
}
