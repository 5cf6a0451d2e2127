/// The two sides from which a pass reads weights, on its way forward and on its way back.
package enum PassSide: Sendable, Hashable {
  /// A product with the transpose: X·Wᵀ.
  case forward
  /// A product with the weights as they are: dA·W.
  case backward
}

/// One weight matrix, packed for both sides when a pass asks for it.
final class PackedSides: @unchecked Sendable {
  private let forward = PackedWeights()
  private let backward = PackedWeights()

  /// Packs anew.
  ///
  /// - Parameter gates: blocks of the matrix whose units the forward product computes together.
  @discardableResult
  func pack(
    _ matrix: Matrix, for side: PassSide, gates: Int = 1, team: ThreadTeam
  ) -> ProductWeights {
    switch side {
    case .forward: forward.pack(matrix, isTransposed: true, gates: gates, team: team)
    case .backward: backward.pack(matrix, isTransposed: false, gates: 1, team: team)
    }
  }

  /// What the last `pack` of the same matrix gave.
  func view(_ matrix: Matrix, for side: PassSide, gates: Int = 1) -> ProductWeights {
    switch side {
    case .forward: forward.view(matrix, isTransposed: true, gates: gates)
    case .backward: backward.view(matrix, isTransposed: false, gates: 1)
    }
  }
}

/// For which parameters, and for whose products, each side was packed last.
struct PackedVersions {
  private typealias Version = (values: ParameterVersion, products: ProductBackend)
  private var forward: Version?
  private var backward: Version?

  /// Whether the side is stale; from then on it counts as packed for these values.
  mutating func renew(_ side: PassSide, _ parameters: any ParameterMemory, _ team: ThreadTeam)
    -> Bool
  {
    let last = side == .forward ? forward : backward
    if let last, last.products == team.products, last.values.isCurrent(parameters) { return false }
    let version = (ParameterVersion(parameters), team.products)
    switch side {
    case .forward: forward = version
    case .backward: backward = version
    }
    return true
  }
}

/// One layer's weights as its products read them, packed anew when the parameters have changed:
/// once a training step, and not at all between the steps of a stream. Several tapes can share
/// them.
final class LayerWeights: @unchecked Sendable {
  private let input: [PackedSides]
  private let step: [PackedSides]
  private let final = PackedSides()
  /// b_ih + b_hh by slot, [slots·H].
  let bias: FloatBuffer
  /// What the cell has derived from its parameters.
  let derived: FloatBuffer
  private var versions = PackedVersions()
  /// What ``CellWeights`` points to: the step products, and the values or gradients of all
  /// parameters.
  private let products: UnsafeMutablePointer<StepProduct>
  private let values, gradients: UnsafeMutablePointer<UnsafeMutablePointer<Float>>

  init(_ shape: CellShape) {
    input = shape.inputProducts.map { _ in PackedSides() }
    step = shape.stepProducts.map { _ in PackedSides() }
    bias = FloatBuffer(shape.slots * shape.hidden)
    derived = FloatBuffer(shape.derived)
    products = .allocate(capacity: step.count)
    values = .allocate(capacity: shape.parameters.count)
    gradients = .allocate(capacity: shape.parameters.count)
  }

  deinit {
    products.deallocate()
    values.deallocate()
    gradients.deallocate()
  }

  /// Packs what a pass reads, unless that was done for the same values.
  ///
  /// - Returns: whether the values are others than before.
  @discardableResult
  func pack(
    _ side: PassSide, _ layer: RecurrentLayer, _ parameters: any ParameterMemory, team: ThreadTeam
  ) -> Bool {
    guard versions.renew(side, parameters, team) else { return false }
    let shape = layer.shape
    for (sides, product) in zip(input, shape.inputProducts) {
      sides.pack(layer.rows(product, of: parameters), for: side, team: team)
    }
    for (sides, product) in zip(step, shape.stepProducts) {
      sides.pack(
        layer.rows(product, of: parameters), for: side, gates: product.gates, team: team)
    }
    if let product = shape.finalProduct?.product {
      final.pack(layer.rows(product, of: parameters), for: side, team: team)
    }
    return true
  }

  /// X·Wᵀ or dA·W for the input product at a place of the cell's list.
  func input(
    _ index: Int, for side: PassSide, _ layer: RecurrentLayer, _ parameters: any ParameterMemory
  ) -> ProductWeights {
    input[index].view(
      layer.rows(layer.shape.inputProducts[index], of: parameters), for: side)
  }

  /// S·Wᵀ or dY·W for the product that makes a layer's output of all states; nil without one.
  func final(
    for side: PassSide, _ layer: RecurrentLayer, _ parameters: any ParameterMemory
  ) -> ProductWeights? {
    layer.shape.finalProduct.map { final.view(layer.rows($0.product, of: parameters), for: side) }
  }

  /// What the cell reads in its steps, with the backward products in BPTT; valid until the next
  /// call.
  func view(
    for side: PassSide, _ layer: RecurrentLayer, _ parameters: any ParameterMemory
  ) -> CellWeights {
    for index in step.indices {
      let product = layer.shape.stepProducts[index]
      let rows = layer.rows(product, of: parameters)
      (products + index).initialize(
        to: StepProduct(
          forward: step[index].view(rows, for: .forward, gates: product.gates),
          backward: side == .backward ? step[index].view(rows, for: .backward) : nil))
    }
    return CellWeights(
      products: products, parameters: UnsafePointer(pointers(values, layer, parameters)),
      bias: UnsafePointer(bias.pointer), derived: UnsafePointer(derived.pointer))
  }

  /// Where the gradients of each parameter lie.
  func gradients(
    _ layer: RecurrentLayer, _ memory: any ParameterMemory
  ) -> UnsafePointer<UnsafeMutablePointer<Float>> {
    UnsafePointer(pointers(gradients, layer, memory))
  }

  private func pointers(
    _ target: UnsafeMutablePointer<UnsafeMutablePointer<Float>>, _ layer: RecurrentLayer,
    _ memory: any ParameterMemory
  ) -> UnsafeMutablePointer<UnsafeMutablePointer<Float>> {
    layer.forEachParameter(of: memory) { (target + $0).initialize(to: $1) }
    return target
  }
}
