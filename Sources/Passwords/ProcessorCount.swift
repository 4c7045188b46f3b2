import Glibc

/// The processors of the machine.
enum ProcessorCount {
    /// Half of those that are online, at least one: what hashing may take of the machine.
    static var half: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)) / 2) }
}
