import Testing

@testable import RNNCore

/// Makes a gradient while somebody follows it, expects that nothing of it changes after it was said
/// to be final, and that all of it is in the end.
///
/// - Returns: from where on the gradient was final, one after the other, each place once.
@discardableResult
func followedGradient<Model: TrainableModel>(
  _ model: Model, _ batch: Model.Batch, pass: Model.Workspace? = nil
) throws -> [Int] {
  #expect(model.hasOneWayBack)
  let gradients = ParameterStore(layout: model.parameters.layout)
  let follower = Follower(gradients)
  let pass = pass ?? model.makePass()
  let layers = try #require(model.layers(of: pass))
  layers.follower = follower
  var dropout: RandomGenerator? = model.usesDropout ? RandomGenerator(seed: 4) : nil
  try model.addGradient(for: batch, pass: pass, dropout: &dropout, to: gradients)
  layers.follower = nil
  let final = gradients.bits
  for (place, bits) in follower.seen { #expect(bits[...] == final[place...], "\(place)") }
  let places = follower.seen.map(\.place)
  #expect(places.last == 0 && places == places.sorted(by: >))
  return places.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
}

private final class Follower: GradientFollower {
  private let gradients: ParameterStore
  private(set) var seen: [(place: Int, bits: [UInt32])] = []

  init(_ gradients: ParameterStore) { self.gradients = gradients }

  func gradientIsFinal(from place: Int) { seen.append((place, Array(gradients.bits[place...]))) }
}
