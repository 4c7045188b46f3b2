/// The parallel arrays libpq wants for a statement's parameters; kept, so that they are allocated once.
struct ParameterArrays {
    private var types: [UInt32] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []
    private var values: [UnsafePointer<CChar>?] = []

    mutating func load(_ list: ParameterList) {
        types.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        formats.removeAll(keepingCapacity: true)
        for parameter in list.parameters {
            types.append(parameter.type.rawValue)
            lengths.append(Int32(truncatingIfNeeded: parameter.length ?? 0))
            formats.append(parameter.format.rawValue)
        }
    }

    /// Lends the arrays of the list that was loaded last.
    mutating func withPointers<R>(
        _ list: ParameterList,
        _ body: (
            _ types: UnsafePointer<UInt32>?, _ values: UnsafePointer<UnsafePointer<CChar>?>?,
            _ lengths: UnsafePointer<Int32>?, _ formats: UnsafePointer<Int32>?
        ) -> R
    ) -> R {
        list.bytes.withUnsafeBytes { bytes in
            // libpq takes a null pointer for NULL: an empty value needs an address, if not its own.
            withUnsafePointer(to: CChar(0)) { empty in
                values.removeAll(keepingCapacity: true)
                for parameter in list.parameters {
                    guard let length = parameter.length else {
                        values.append(nil)
                        continue
                    }
                    let start = bytes.baseAddress.map { ($0 + parameter.offset).assumingMemoryBound(to: CChar.self) }
                    values.append(length == 0 ? empty : start ?? empty)
                }
                return values.withUnsafeBufferPointer { values in
                    lengths.withUnsafeBufferPointer { lengths in
                        formats.withUnsafeBufferPointer { formats in
                            types.withUnsafeBufferPointer { types in
                                body(types.baseAddress, values.baseAddress, lengths.baseAddress, formats.baseAddress)
                            }
                        }
                    }
                }
            }
        }
    }
}
