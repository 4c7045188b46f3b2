import ShopctlCommands

@main
enum ShopctlMain {
    static func main() async { await EntryPoint.main() }
}
