import Testing

@testable import Hosting

/// What a program only reads is given back, and nothing else.
@Suite struct ProgramPagesTests {
    @Test func onlyFilesThatAreReadAndUnchangedAreGivenBack() {
        let smaps = """
            1000-3000 r-xp 00000000 08:01 77 /usr/bin/a shop
            Size:                  8 kB
            Rss:                   8 kB
            Anonymous:             0 kB
            Swap:                  0 kB
            VmFlags: rd ex mr mw me
            3000-4000 r--p 00002000 08:01 77 /usr/bin/a shop
            Anonymous:             4 kB
            Swap:                  0 kB
            4000-5000 r--p 00003000 08:01 77 /usr/bin/a shop
            Anonymous:             0 kB
            Swap:                  4 kB
            5000-6000 rw-p 00004000 08:01 77 /usr/bin/a shop
            Anonymous:             0 kB
            Swap:                  0 kB
            6000-7000 r--p 00000000 00:00 0 [vvar]
            Anonymous:             0 kB
            7000-8000 r--p 00000000 00:00 0
            Anonymous:             0 kB
            fff000-fff8000 r--p 00005000 08:01 77 /usr/bin/a shop
            Anonymous:             0 kB
            Swap:                  0 kB
            fffa000-fffb000 r--p 00000000 08:01 78 /lib/libc.so.6
            Anonymous:             0 kB
            """
        #expect(ProgramPages.unchanged(in: smaps, of: "/usr/bin/a shop") == [0x1000..<0x3000, 0xfff000..<0xfff8000])
        #expect(ProgramPages.unchanged(in: "", of: "/usr/bin/a shop").isEmpty)
    }

    @Test func aProgramGoesOnAfterwards() {
        let before = String(describing: [Int?.none: "a text that is long enough to be a constant of the program"])
        for _ in 0..<3 {
            ProgramPages.release()
            #expect(
                before == String(describing: [Int?.none: "a text that is long enough to be a constant of the program"]))
        }
    }
}
