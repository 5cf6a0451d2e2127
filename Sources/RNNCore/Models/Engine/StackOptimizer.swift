/// Moves the parameters that a stack had when it was made. Keeps the stack alive.
package final class StackOptimizer: @unchecked Sendable {
  private let stack: RecurrentStack
  private let updater: ParameterUpdater

  init(_ stack: RecurrentStack, _ updater: ParameterUpdater) {
    (self.stack, self.updater) = (stack, updater)
  }

  /// Clips the gradients, moves the parameters along them, and makes the gradients zero. Throws
  /// `.nonFinite`, without an update, for a gradient that is not finite.
  ///
  /// - Returns: the norm of all gradients before clipping.
  package func step() throws(RNNError) -> Double { try stack.update(updater) }
}
