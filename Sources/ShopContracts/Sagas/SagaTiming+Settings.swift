public import Hosting
public import Sagas

extension SagaTiming {
    /// The patience that the settings ask for.
    public init(_ configuration: ShopConfiguration) {
        self.init(
            deadline: configuration.sagaDeadline, firstResend: configuration.sagaResend,
            sweepInterval: configuration.sagaSweep)
    }
}
