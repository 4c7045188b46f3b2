/// Values as their settings' kinds say. Whatever has a default has a value, and every value was checked when it was read.
extension ShopConfiguration {
    /// The value of a setting that has a default.
    func text(_ setting: Setting) -> String {
        guard let value = self[setting] else { preconditionFailure("\(setting.key) has no default") }
        return value
    }

    /// The time that a setting with a default says.
    func duration(_ setting: Setting) -> Duration {
        guard let duration = setting.duration(text(setting)) else {
            preconditionFailure("\(setting.key) is no duration")
        }
        return duration
    }

    /// The number that a setting with a default says.
    func number(_ setting: Setting) -> Int {
        guard let number = setting.number(text(setting)) else { preconditionFailure("\(setting.key) is no number") }
        return number
    }

    /// The number that a setting says; nil if it is not set.
    func numberIfSet(_ setting: Setting) -> Int? { self[setting].flatMap(setting.number) }

    /// The days that a setting with a default says.
    func days(_ setting: Setting) -> Duration { .seconds(number(setting) * 86_400) }
}
