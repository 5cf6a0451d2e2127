import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Parameters by name")
struct ParameterStoreTests {
  private func store(
    _ cell: CellKind = .lstm(), layers: Int = 2, directions: Directions = .concatenated
  ) throws -> ParameterStore {
    var layout = ParameterLayout()
    _ = try RecurrentNetwork(
      RecurrentConfiguration(
        cell: cell, inputSize: 3, hiddenSize: 5, layers: layers, directions: directions),
      declaringIn: &layout)
    return ParameterStore(layout: layout)
  }

  @Test("Names and shapes of a bidirectional LSTM of two layers are PyTorch's")
  func names() throws {
    let found = try store().layout.slices.map { "\($0.name) \($0.rows) \($0.columns)" }
    #expect(
      found == [
        "weight_ih_l0 20 3", "weight_hh_l0 20 5", "bias_ih_l0 20 1", "bias_hh_l0 20 1",
        "weight_ih_l0_reverse 20 3", "weight_hh_l0_reverse 20 5", "bias_ih_l0_reverse 20 1",
        "bias_hh_l0_reverse 20 1",
        "weight_ih_l1 20 10", "weight_hh_l1 20 5", "bias_ih_l1 20 1", "bias_hh_l1 20 1",
        "weight_ih_l1_reverse 20 10", "weight_hh_l1_reverse 20 5", "bias_ih_l1_reverse 20 1",
        "bias_hh_l1_reverse 20 1",
      ])
  }

  @Test("Summed directions hand H numbers to the next layer")
  func summedShapes() throws {
    let layout = try store(.gru(), directions: .summed).layout
    #expect(try layout.slice(named: "weight_ih_l1").columns == 5)
    #expect(try layout.slice(named: "weight_ih_l1").rows == 15)
  }

  @Test("A whole model names its other layers too")
  func modelNames() throws {
    let model = try SequenceModel(
      ModelConfiguration(
        input: .tokens(vocabulary: 7, embedding: 3), contextWindow: 3, body: .feedForward(),
        hiddenSize: 5, outputs: 4), seed: 1)
    #expect(
      model.parameters.layout.slices.map { "\($0.name) \($0.rows) \($0.columns)" } == [
        "embedding.weight 7 3", "hidden.weight 5 9", "hidden.bias 5 1", "readout.weight 4 5",
        "readout.bias 4 1",
      ])
    #expect(model.parameterCount == 21 + 45 + 5 + 20 + 4)
    #expect(model.parameters.layout.layers.map(\.name) == ["embedding", "hidden", "readout"])
  }

  @Test("Layers cover all slices, in order, without overlap")
  func layers() throws {
    let layout = try store().layout
    let layers = layout.layers
    #expect(layers.map(\.name) == ["l0", "l0_reverse", "l1", "l1_reverse"])
    for (layer, next) in zip(layers, layers.dropFirst()) {
      #expect(layer.range.upperBound <= next.range.lowerBound)
    }
    for slice in layout.slices {
      let own = layers.first { $0.name == slice.layer }?.range ?? 0..<0
      #expect(own.contains(slice.range.lowerBound) && slice.range.upperBound <= own.upperBound)
    }
  }

  @Test("Each element is located in its slice, a gap in none")
  func locate() throws {
    let layout = try store().layout
    for slice in layout.slices {
      #expect(slice.offset % 16 == 0)
      for index in [0, slice.count - 1] {
        let place = try #require(layout.locate(slice.offset + index))
        #expect(place.name == slice.name && place.element == index)
      }
      if slice.count % 16 != 0 { #expect(layout.locate(slice.range.upperBound) == nil) }
    }
    #expect(layout.locate(-1) == nil && layout.locate(layout.storageCount) == nil)
    #expect(layout.parameterCount == layout.slices.reduce(0) { $0 + $1.rows * $1.columns })
  }

  @Test("What is set is read back, and nothing else changes")
  func setting() throws {
    let store = try store()
    let values = (0..<100).map { Float($0) }
    try store.set("weight_hh_l0", to: values)
    #expect(try store.values(of: "weight_hh_l0") == values)
    for slice in store.layout.slices where slice.name != "weight_hh_l0" {
      #expect(try store.values(of: slice.name) == Array(repeating: 0, count: slice.count))
    }
    let other = try self.store()
    try other.copy(from: store)
    #expect(other.bits == store.bits)
    other.setToZero()
    #expect(other.bits.allSatisfy { $0 == 0 })
  }

  @Test("Names, sizes, layouts and numbers that do not fit are refused")
  func errors() throws {
    let store = try store()
    expectError(.format, about: "name") { _ = try store.values(of: "weight_hh_l2") }
    expectError(.format, about: "name") { try store.set("", to: []) }
    for count in [0, 19, 21] {
      expectError(.shape, about: "bias_ih_l0") {
        try store.set("bias_ih_l0", to: Array(repeating: 1, count: count))
      }
    }
    for bad in [Float.nan, .infinity, -.infinity] {
      var values = [Float](repeating: 1, count: 20)
      values[7] = bad
      expectError(.nonFinite, about: "bias_ih_l0") { try store.set("bias_ih_l0", to: values) }
    }
    #expect(store.bits.allSatisfy { $0 == 0 })
    expectError(.shape, about: "parameters") { try store.copy(from: self.store(layers: 1)) }
  }
}
