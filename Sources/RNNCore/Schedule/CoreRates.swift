internal import CLibrary

/// How fast a core multiplies, reads, and hears of the others: what ``UnrollCost`` reckons with.
///
/// Rates of the CPU families that the project was measured on are built in (``CPUFamily``). Those
/// of one machine come from a file that `rnnbench doctor --rates FILE` writes, and that the
/// environment variable `RNNCORE_RATES` names.
package struct CoreRates: Sendable, Hashable {
  /// The CPU that the rates were measured on.
  package var name: String
  /// GFLOP/s of one core for a tile of 1, 2, 3, … rows and 4 vectors, with weights from its own
  /// cache; more rows are as fast as the last.
  package var gflops: [Double]
  /// Vectors that a core adds products to, one after the other, before the first is ready for the
  /// next: a tile of fewer is so much slower.
  package var busySums: Double
  /// Bytes of weights that a core's own cache keeps from one step to the next, beside what else a
  /// step reads.
  package var keptBytes: Double
  /// GB/s that one core reads from beyond its own cache.
  package var outerRate: Double
  /// The share of the time of reading from there, or of multiplying where that is less, that does
  /// not pass while the other goes on: 0 when all does.
  package var exposed: Double
  /// GB/s of lines that another core has just written.
  package var exchangeRate: Double
  /// Nanoseconds for two threads to meet at a barrier; more take that times log₂ of their number.
  package var meeting: Double

  /// Rows of the largest tile of 1, 2, 3 and 4 vectors. The kernels' own, not measured.
  package var tileRows = CoreRates.tileRows(of: .current)

  /// GFLOP/s for some rows against panels of 1 to 4 vectors, in the tiles that the kernels cut the
  /// rows into, as even as can be.
  func gflops(rows: Int, vectors: Int) -> Double {
    let tiles = (rows - 1) / tileRows[vectors - 1] + 1
    let (few, larger) = (rows / tiles, rows % tiles)
    func time(_ rows: Int) -> Double { Double(rows) / tileGflops(rows: rows, vectors: vectors) }
    let times =
      Double(tiles - larger) * time(few) + (larger > 0 ? Double(larger) * time(few + 1) : 0)
    return Double(rows) / times
  }

  private func tileGflops(rows: Int, vectors: Int) -> Double {
    let peak = gflops[gflops.count - 1] * min(1, Double(rows * vectors) / busySums)
    return min(gflops[min(rows, gflops.count) - 1], peak)
  }

  private static func tileRows(of set: InstructionSet) -> [Int] {
    let table = set.kernels?.pointee ?? kernels
    return (1...4).map { table.tile_rows($0) }
  }

  /// The environment variable that names a file of measured rates.
  package static let environmentVariable = "RNNCORE_RATES"

  /// The rates that this process reckons with: of the file that the environment variable names,
  /// else the built-in ones of the CPU's family.
  ///
  /// An unusable file counts as none; call ``validateEnvironment()`` at the start of a program to
  /// report it instead.
  package static let current: CoreRates =
    ((try? requested()) ?? nil) ?? .builtIn(CPUInfo.current.family, .current)

  /// Throws when `RNNCORE_RATES` names no file of rates.
  package static func validateEnvironment() throws(RNNError) { _ = try requested() }

  private static func requested() throws(RNNError) -> CoreRates? {
    guard let path = environmentValue(of: environmentVariable), !path.isEmpty else { return nil }
    guard let text = contents(ofSmallFile: path) else {
      throw RNNError(
        .file, environmentVariable, expected: "a file that rnnbench doctor --rates wrote",
        found: path.shortened())
    }
    return try CoreRates(parsing: text, name: path.shortened())
  }

  // MARK: Families

  /// The built-in rates.
  ///
  /// - Parameter cache: bytes of a core's own cache; nil where nobody knows.
  static func builtIn(
    _ family: CPUFamily, _ set: InstructionSet, cache: Double? = CPUInfo.ownCacheBytes
  ) -> CoreRates {
    var rates: CoreRates
    switch family {
    case .zen: rates = zen4
    case .zen5: rates = zen5
    case .intelMesh: rates = emeraldRapids
    case .other: rates = other
    }
    if set != .avx512 {
      // All families multiply two vectors of 256 bits a cycle.
      rates.busySums = 8
      rates.gflops = set == .avx2 ? narrowGflops(family) : portableGflops
    }
    rates.tileRows = tileRows(of: set)
    if let cache { rates.keptBytes = 0.75 * cache }
    return rates
  }

  /// GFLOP/s with AVX2.
  private static func narrowGflops(_ family: CPUFamily) -> [Double] {
    switch family {
    case .zen: [53, 100, 111]
    case .zen5: [70, 118, 131]
    case .intelMesh: [60, 85]
    case .other: [45, 80, 95]
    }
  }

  /// GFLOP/s with 4 lanes and no fused multiply-add, on a Zen 4.
  private static let portableGflops = [25.0, 32]

  /// A core complex of few cores around a third-level cache of their own: measured on two cores of
  /// an EPYC with Zen 4, which multiplies 512 bits once a cycle.
  private static let zen4 = CoreRates(
    name: "AMD Zen", gflops: [53, 103, 109, 113], busySums: 4, keptBytes: 0.75e6, outerRate: 80,
    exposed: 0.1, exchangeRate: 8.5, meeting: 200)
  /// A core complex like Zen 4's: measured on two cores of an EPYC with Zen 5, which multiplies 512
  /// bits twice a cycle.
  private static let zen5 = CoreRates(
    name: "AMD Zen 5", gflops: [97, 191, 255, 265], busySums: 8, keptBytes: 0.75e6,
    outerRate: 120, exposed: 0.1, exchangeRate: 6, meeting: 180)
  /// A mesh of many cores: measured on two cores of a Xeon (Emerald Rapids).
  private static let emeraldRapids = CoreRates(
    name: "Intel Xeon", gflops: [60, 105, 153, 166], busySums: 8, keptBytes: 1.5e6, outerRate: 30,
    exposed: 0.4, exchangeRate: 4, meeting: 600)
  /// Between the two.
  private static let other = CoreRates(
    name: "other", gflops: [45, 80, 95, 100], busySums: 8, keptBytes: 0.75e6, outerRate: 45,
    exposed: 0.3, exchangeRate: 6, meeting: 400)
}

extension CoreRates {
  private static let schema = "rnnbench/rates/2"

  /// Reads what ``json`` wrote. Throws ``RNNError/Kind/format`` for anything else.
  init(parsing text: String, name: String) throws(RNNError) {
    var fields = try JSONFields(parsing: text, name: name)
    try fields.choice("schema", [(CoreRates.schema, ())])
    func positive(_ field: String, _ value: Float) throws(RNNError) -> Double {
      guard value > 0 else {
        throw RNNError(.format, "\(name): \(field)", expected: "more than 0", found: "\(value)")
      }
      return Double(value)
    }
    self.name = try fields.text("name")
    gflops = []
    for rate in try fields.numbers("gflops") { gflops.append(try positive("gflops", rate)) }
    busySums = try positive("busy_sums", fields.number("busy_sums"))
    keptBytes = try positive("kept_bytes", fields.number("kept_bytes"))
    outerRate = try positive("outer_rate", fields.number("outer_rate"))
    exposed = try positive("exposed", fields.number("exposed"))
    exchangeRate = try positive("exchange_rate", fields.number("exchange_rate"))
    meeting = try positive("meeting_ns", fields.number("meeting_ns"))
    try fields.finish()
    guard !gflops.isEmpty else {
      throw RNNError(.format, "\(name): gflops", expected: "at least one rate", found: "none")
    }
  }

  /// The file that the environment variable may name.
  package var json: JSONText {
    func number(_ value: Double) -> JSONText { JSONText(Float(value)) }
    return .object([
      JSONText.Member("schema", .string(CoreRates.schema)),
      JSONText.Member("name", .string(name)),
      JSONText.Member("gflops", .array(gflops.map(number))),
      JSONText.Member("busy_sums", number(busySums)),
      JSONText.Member("kept_bytes", number(keptBytes)),
      JSONText.Member("outer_rate", number(outerRate)),
      JSONText.Member("exposed", number(exposed)),
      JSONText.Member("exchange_rate", number(exchangeRate)),
      JSONText.Member("meeting_ns", number(meeting)),
    ])
  }
}
