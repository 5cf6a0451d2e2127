/// The optimisers by the names of the command line.
package enum OptimizerName: String, CaseIterable, Codable {
  case sgd, momentum, nesterov, rmsprop, adagrad, adam, adamw

  package static let standardMomentum: Float = 0.9

  package func rule(momentum: Float) -> OptimizerRule {
    switch self {
    case .sgd: .sgd()
    case .momentum: .sgd(momentum: momentum)
    case .nesterov: .sgd(momentum: momentum, nesterov: true)
    case .rmsprop: .rmsProp()
    case .adagrad: .adaGrad()
    case .adam: .adam()
    case .adamw: .adamW()
    }
  }
}
