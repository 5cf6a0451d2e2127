/// What a training step does when a gradient is infinite or not a number.
public enum NonFinitePolicy: String, CaseIterable, Sendable, Hashable {
  /// The step throws; the parameters stay as they were.
  case `throw`
  /// The step leaves the parameters as they were and says so in its report.
  case skip
  /// Recurrent weights get the gradient 0.02 · U, all others 0: a small step towards smaller
  /// recurrent weights, away from the cliff (what Pascanu's released code does).
  case rescale

  /// The first bad gradient element, in the order of the parameters.
  struct Finding: Sendable, Hashable {
    var parameter: String
    var element: Int
    var value: Float

    /// What the policy `throw` says, with the cause where it was found.
    func error(step: Int, origin: NonFiniteOrigin?) -> RNNError {
      let cause = origin.map { "first in the \($0)" } ?? "in no single step, but in their sum"
      return RNNError(
        .nonFinite, "gradient of \(parameter)", expected: "finite values in step \(step)",
        found: "\(value) at element \(element), \(cause)")
    }
  }

  static func find(in gradients: ParameterStore) -> Finding? {
    let values = gradients.storage.pointer
    let index = kernels.first_non_finite(gradients.layout.storageCount, values)
    guard index >= 0, let place = gradients.layout.locate(index) else { return nil }
    return Finding(parameter: place.name, element: place.element, value: values[index])
  }

  /// Writes the gradients that `rescale` puts in place of bad ones.
  static func rescale(_ gradients: ParameterStore, parameters: ParameterStore) {
    gradients.setToZero()
    for slice in gradients.layout.slices where slice.role == .recurrentWeight {
      let (source, target) = (parameters.vector(slice), gradients.vector(slice))
      for index in 0..<slice.count { target[index] = 0.02 * source[index] }
    }
  }
}

extension ParameterStore {
  /// The parameter that has the first value that is infinite or not a number; nil when all are
  /// finite. Cost: O(P).
  package var firstNonFinite: String? { NonFinitePolicy.find(in: self)?.parameter }
}
