internal import CLibrary

/// Name, family and size of the L2 cache of a machine's first CPU, as the system tells them.
struct CPUInfo: Sendable {
  /// The text of `/proc/cpuinfo`.
  private let text: String

  init(_ text: String) { self.text = text }

  /// The first CPU of the machine that the program runs on.
  static var current: CPUInfo { CPUInfo(contents(ofSmallFile: "/proc/cpuinfo") ?? "") }

  /// The CPU's own name.
  var name: String { value("model name") ?? "unknown CPU" }

  /// The family of the CPU, by its vendor, its vendor's number for it and its vector instructions:
  /// the ``CoreRates`` that are built in are of families.
  var family: CPUFamily {
    switch value("vendor_id") {
    case "AuthenticAMD", "HygonGenuine":
      // AMD numbers Zen 3 and 4 as 25, what came after as 26.
      (value("cpu family").flatMap { Int($0) } ?? 0) > 25 ? .zen5 : .zen
    case "GenuineIntel": value("flags")?.words.contains("avx512f") == true ? .intelMesh : .other
    default: .other
    }
  }

  /// The value of the first line with a name.
  private func value(_ name: String) -> String? {
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2, parts[0].trimmed == name { return parts[1].trimmed }
    }
    return nil
  }

  /// Bytes of a core's first-level cache of data; 32 KB, the least that CPUs have, where the system
  /// does not tell.
  static let firstCacheBytes = bytes(ofCache: 0, level: "1", type: "Data") ?? 32 << 10

  /// Bytes of a core's second-level cache; nil where the system does not tell.
  static var ownCacheBytes: Double? {
    bytes(ofCache: 2, level: "2", type: "Unified").map(Double.init)
  }

  /// Bytes of the first CPU's cache of an index; nil unless it has this level and type.
  private static func bytes(ofCache index: Int, level: String, type: String) -> Int? {
    let place = "/sys/devices/system/cpu/cpu0/cache/index\(index)/"
    func fact(_ name: String) -> String? { contents(ofSmallFile: place + name)?.trimmed }
    guard fact("level") == level, fact("type") == type, let size = fact("size"),
      size.hasSuffix("K"), let kilobytes = Int(size.dropLast())
    else { return nil }
    return kilobytes << 10
  }
}

/// CPUs whose caches and cores are alike enough to share rates.
enum CPUFamily: Sendable, Hashable {
  /// AMD's up to Zen 4: a few cores around a third-level cache of their own.
  case zen
  /// AMD's from Zen 5 on: the same, with twice the multiplications of 512 bits a cycle.
  case zen5
  /// Intel's with AVX-512: many cores around one that all share.
  case intelMesh
  case other
}
