/// Where each named parameter lies in one flat allocation.
///
/// Names and shapes follow PyTorch (`weight_ih_l0` [G·H, I], `bias_hh_l1_reverse` [G·H], …). Slices
/// start on a multiple of 16 floats; the gaps hold zeros and stay zero.
public struct ParameterLayout: Sendable, Hashable {
  /// One named matrix or vector.
  public struct Slice: Sendable, Hashable {
    /// What the parameter is called, as in PyTorch: `weight_ih_l0`.
    public let name: String
    /// What "per layer" means for clipping and reports: `l0`, `l0_reverse`, `embedding`, `readout`.
    public let layer: String
    /// Rows of a matrix, or the length of a vector.
    public let rows: Int
    /// Columns of a matrix; 1 for a vector.
    public let columns: Int
    /// Index of the first element in the flat allocation.
    public let offset: Int
    /// What the slice does, which decides how it is initialised.
    public let role: Role
    /// H of the recurrent layer that it belongs to; nil for other layers.
    let hidden: Int?
    /// What it starts with whatever a plan says; nil for most.
    let start: OwnStart?

    /// Numbers in it.
    public var count: Int { (Amount(rows) * columns).value }
    /// As PyTorch has it: biases are vectors.
    public var shape: [Int] {
      switch role {
      case .bias, .recurrence, .denseBias, .transitionBias: [rows]
      default: [rows, columns]
      }
    }
    /// Its place in the flat allocation.
    public var range: Range<Int> { offset..<(Amount(offset) + count).value }
  }

  /// What a parameter does in its layer.
  public enum Role: Sendable, Hashable {
    /// weight_ih.
    case inputWeight
    /// weight_hh.
    case recurrentWeight
    /// A bias of the gates; with the index of the forget gate where there is one.
    case bias(forgetGate: Int?)
    /// An LSTM's weights from the cell state to its gates.
    case peephole
    /// A number a unit of a diagonal recurrence.
    case recurrence
    /// Of a readout that belongs to the cell.
    case emissionWeight
    /// Weight and bias of a layer without recurrence.
    case denseWeight(fanIn: Int)
    /// The bias of a layer without recurrence that reads `fanIn` numbers.
    case denseBias(fanIn: Int)
    /// A table of vectors, one for each token.
    case embedding
    /// Scores of going from one class to another, and of beginning and ending with one.
    case transitionWeight
    /// Scores of beginning and of ending with a class.
    case transitionBias
  }

  /// All parameters, in the order in which they were declared.
  public private(set) var slices: [Slice] = []
  /// The length of the flat allocation, gaps included.
  public private(set) var storageCount = 0
  /// The place of each name among the slices.
  private var places: [String: Int] = [:]

  /// A layout without parameters; layers declare theirs in it.
  public init() {}

  /// The number of trainable parameters (gaps not included).
  public var parameterCount: Int { slices.reduce(Amount(0)) { $0 + $1.count }.value }

  /// The slice called `name`.
  public func slice(named name: String) throws(RNNError) -> Slice {
    guard let place = places[name] else {
      let names = slices.map(\.name).joined(separator: ", ")
      throw RNNError(.format, "parameter name", expected: "one of \(names)", found: name.excerpt)
    }
    return slices[place]
  }

  /// The layers in their order, each with the range of the flat allocation that it covers.
  public var layers: [(name: String, range: Range<Int>)] {
    var result: [(name: String, range: Range<Int>)] = []
    for slice in slices {
      if let last = result.last, last.name == slice.layer {
        result[result.count - 1].range = last.range.lowerBound..<slice.range.upperBound
      } else {
        result.append((slice.layer, slice.range))
      }
    }
    return result
  }

  /// The name of the slice that holds flat element `index`, with the element's index in it.
  public func locate(_ index: Int) -> (name: String, element: Int)? {
    slices.first { $0.range.contains(index) }.map { ($0.name, index - $0.offset) }
  }

  mutating func add(
    _ name: String, layer: String, rows: Int, columns: Int = 1, role: Role, hidden: Int? = nil,
    start: OwnStart? = nil
  ) -> Slice {
    let slice = Slice(
      name: name, layer: layer, rows: rows, columns: columns, offset: storageCount, role: role,
      hidden: hidden, start: start)
    if places[name] == nil { places[name] = slices.count }
    slices.append(slice)
    let alignment = 16
    storageCount = (Amount(slice.range.upperBound) + (alignment - 1)).value / alignment * alignment
    return slice
  }

  /// Whether both have the same parameters in the same places.
  public static func == (a: ParameterLayout, b: ParameterLayout) -> Bool { a.slices == b.slices }

  /// Feeds the slices to a hasher.
  public func hash(into hasher: inout Hasher) { hasher.combine(slices) }
}
