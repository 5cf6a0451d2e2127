import Foundation
import RNNCore
import RNNTasks

/// Reads JSON and CSV files of numbers, and says how fast and with how much memory.
///
/// `text-reading [--size MB]` writes its files into a temporary folder and removes them. Each is
/// read by a process of its own, `text-reading WAY FILE`, so that no measurement counts memory of
/// another.
@main
struct TextReading {
  /// The outcome of a reader, kept alive until its time is taken.
  private enum Reading {
    case sum(Double)
    case tree(JSONText)
  }

  private struct Way: Sendable {
    let name: String
    let format: NumberFile.Format
    let read: @Sendable (URL) throws -> Reading
  }

  private static let ways = [
    Way(name: "CSV, Double", format: .csv, read: csvDoubles),
    Way(name: "CSV, Float", format: .csv, read: csvFloats),
    Way(name: "JSON, piece by piece", format: .json, read: jsonNumbers),
    Way(name: "JSON, tree", format: .json, read: jsonTree),
  ]

  static func main() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.count == 2, let way = ways.first(where: { $0.name == arguments[0] }) {
      return try measure(way.read, URL(fileURLWithPath: arguments[1]))
    }
    let isSized = arguments.count == 2 && arguments[0] == "--size"
    guard let size = isSized ? Int(arguments[1]) : arguments.isEmpty ? 50 : nil, size > 0 else {
      FileHandle.standardError.write(Data("usage: text-reading [--size MB]\n".utf8))
      exit(64)
    }
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("text-reading-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    print("reader                numbers               MB/s  peak MB  times the file")
    for way in ways {
      for digits in NumberFile.Digits.allCases {
        let file = folder.appendingPathComponent("\(way.format)-\(digits)")
        try NumberFile(format: way.format, digits: digits).write(to: file, bytes: size * 1_000_000)
        print(padded(way.name, 21), padded(digits.rawValue, 18), terminator: "")
        fflush(nil)
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        child.arguments = [way.name, file.path]
        try child.run()
        child.waitUntilExit()
      }
    }
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text.padding(toLength: width, withPad: " ", startingAt: 0)
  }

  @Sendable private static func csvDoubles(_ file: URL) throws -> Reading {
    var reader = try CSVReader(reading: file)
    var sum = 0.0
    _ = try reader.header()
    while try reader.next() {
      for column in 0..<reader.count { sum += try reader.double(column) }
    }
    return .sum(sum)
  }

  @Sendable private static func csvFloats(_ file: URL) throws -> Reading {
    var reader = try CSVReader(reading: file)
    var sum: Float = 0
    _ = try reader.header()
    while try reader.next() {
      for column in 0..<reader.count { sum += try reader.float(column) }
    }
    return .sum(Double(sum))
  }

  @Sendable private static func jsonNumbers(_ file: URL) throws -> Reading {
    var reader = try JSONReader(reading: file)
    var sum = 0.0
    try reader.array { (reader) throws(RNNError) in
      try reader.array { (reader) throws(RNNError) in sum += try reader.number() }
    }
    try reader.end()
    return .sum(sum)
  }

  @Sendable private static func jsonTree(_ file: URL) throws -> Reading {
    var reader = try JSONReader(reading: file)
    let value = try reader.value()
    try reader.end()
    return .tree(value)
  }

  // MARK: - Measuring

  /// The median of five turns after one that warms the file cache up, in CPU time, so that others
  /// who use the machine count less.
  private static func measure(_ read: (URL) throws -> Reading, _ file: URL) throws {
    var seconds: [Double] = []
    for turn in 0...5 {
      let start = clock()
      let reading = try read(file)
      if turn > 0 { seconds.append(Double(clock() - start) / Double(CLOCKS_PER_SEC)) }
      withExtendedLifetime(reading) {}
    }
    let size = try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int ?? 0
    let (megabytes, peak) = (Double(size) / 1e6, peakMegabytes)
    print(
      String(format: "%9.0f %8.0f %15.2f", megabytes / seconds.sorted()[2], peak, peak / megabytes))
  }

  /// The most resident memory that this process has had, in megabytes.
  private static var peakMegabytes: Double {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first
    return kibibytes.flatMap { Double($0) }.map { $0 * 1024 / 1e6 } ?? .nan
  }
}
