internal import CLibrary

/// The memory that this process may still take, and what sets the limit.
///
/// The least of what the machine has free, what control groups leave, and what the limits of the
/// process (`ulimit -v`, `ulimit -d`) leave.
public struct MemoryLimit: Sendable, Hashable, CustomStringConvertible {
  /// What sets a limit.
  public enum Source: String, Sendable, Hashable {
    /// `MemAvailable` of `/proc/meminfo`.
    case machine = "free on this machine"
    /// A control group, of version 1 or 2, that the process is in.
    case controlGroup = "left by the control group"
    /// RLIMIT_AS.
    case addressSpace = "left by ulimit -v"
    /// RLIMIT_DATA.
    case data = "left by ulimit -d"
  }

  /// 0 where the limit has been passed; `Int.max` where none is known.
  public let bytes: Int
  /// What sets it.
  public let source: Source

  /// Makes a limit of one's own.
  public init(bytes: Int, source: Source) { (self.bytes, self.source) = (max(0, bytes), source) }

  /// As in `3.5 GiB, left by ulimit -v`.
  public var description: String { "\(MemoryNeed.text(bytes)), \(source.rawValue)" }

  /// The limit of this moment. Costs the reading of a few small files.
  public static func current() -> MemoryLimit {
    MemoryLimit(
      files: contents(ofSmallFile:), addressSpace: softLimit(addressSpace), data: softLimit(data))
  }

  /// Bytes of memory that this process has taken for itself, without pages of files and programs,
  /// which the system may take back; 0 where it does not say.
  package static var resident: Int {
    let status = contents(ofSmallFile: "/proc/self/status")
    // Files that lie in memory are shared memory.
    return ["RssAnon:", "RssShmem:"].reduce(0) { $0 + (kilobytes($1, in: status) ?? 0) }
  }

  /// - Parameters:
  ///   - files: the system's text of a path; nil where there is none.
  ///   - addressSpace: RLIMIT_AS in bytes; nil for none.
  ///   - data: RLIMIT_DATA likewise.
  init(files: (String) -> String?, addressSpace: Int?, data: Int?) {
    var limits: [MemoryLimit] = []
    if let free = Self.kilobytes("MemAvailable:", in: files("/proc/meminfo")) {
      limits.append(MemoryLimit(bytes: free, source: .machine))
    }
    let groups = ControlGroups(
      membership: files("/proc/self/cgroup") ?? "", mounts: files("/proc/self/mountinfo") ?? "")
    for left in groups.folders(of: "memory").compactMap({ Self.left(in: $0, files) }) {
      limits.append(MemoryLimit(bytes: left, source: .controlGroup))
    }
    let status = addressSpace == nil && data == nil ? nil : files("/proc/self/status")
    for (limit, name, source) in [
      (addressSpace, "VmSize:", Source.addressSpace), (data, "VmData:", .data),
    ] {
      guard let limit else { continue }
      let used = Self.kilobytes(name, in: status) ?? 0
      limits.append(MemoryLimit(bytes: limit - min(limit, used), source: source))
    }
    self = limits.min { $0.bytes < $1.bytes } ?? MemoryLimit(bytes: .max, source: .machine)
  }

  /// The soft limit of a resource in bytes; nil for none.
  private static func softLimit(_ resource: Int32) -> Int? {
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else { return nil }
    return Int(exactly: limit.rlim_cur)
  }

  #if canImport(Glibc)
    private static let (addressSpace, data) = (
      Int32(RLIMIT_AS.rawValue), Int32(RLIMIT_DATA.rawValue)
    )
  #else
    private static let (addressSpace, data) = (RLIMIT_AS, RLIMIT_DATA)
  #endif

  /// The bytes of a line such as `VmSize:  123 kB`.
  private static func kilobytes(_ name: String, in text: String?) -> Int? {
    let line = (text ?? "").split(separator: "\n").first { $0.hasPrefix(name) }
    guard let line,
      let number = line.split(separator: " ", omittingEmptySubsequences: true)
        .dropFirst().first.flatMap({ Int($0) })
    else { return nil }
    return (Amount(number) * 1024).value
  }
}

// MARK: - Control groups

extension MemoryLimit {
  /// What a control group leaves; nil where it has no limit. The names of files, of which a folder
  /// has those of one version, are version 2's and version 1's.
  private static func left(in folder: String, _ files: (String) -> String?) -> Int? {
    func number(_ names: String...) -> Int? {
      names.compactMap { files("\(folder)/\($0)") }.first
        .flatMap { Int($0.split(separator: "\n").first ?? "") }
    }
    // No limit is `max` in the newer file, a number near 2⁶³ in the older one.
    guard let limit = number("memory.max", "memory.limit_in_bytes"), limit < 1 << 60,
      let usage = number("memory.current", "memory.usage_in_bytes")
    else { return nil }
    let bound = Amount(usage - min(usage, filePages(of: folder, files))).value
    return limit - min(limit, bound)
  }

  /// The bytes of a group that are pages of files, which may be taken from it. Version 1 counts
  /// those of groups within under names of their own.
  private static func filePages(of folder: String, _ files: (String) -> String?) -> Int {
    var counts: [Substring: Int] = [:]
    for line in (files("\(folder)/memory.stat") ?? "").split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2 { counts[words[0]] = Int(words[1]) }
    }
    return ["inactive_file", "active_file"].reduce(Amount(0)) { sum, name in
      sum + (counts["total_" + name] ?? counts[Substring(name)] ?? 0)
    }.value
  }
}
