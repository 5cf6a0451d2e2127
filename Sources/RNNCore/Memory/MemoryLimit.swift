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

  /// - Parameters:
  ///   - files: the system's text of a path; nil where there is none.
  ///   - addressSpace: RLIMIT_AS in bytes; nil for none.
  ///   - data: RLIMIT_DATA likewise.
  init(files: (String) -> String?, addressSpace: Int?, data: Int?) {
    var limits: [MemoryLimit] = []
    if let free = Self.kilobytes("MemAvailable:", in: files("/proc/meminfo")) {
      limits.append(MemoryLimit(bytes: free, source: .machine))
    }
    let groups = (files("/proc/self/cgroup") ?? "").split(separator: "\n")
    for group in groups {
      if let left = Self.left(inGroup: group, files: files) {
        limits.append(MemoryLimit(bytes: left, source: .controlGroup))
      }
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
  /// The names of a version's files.
  private struct GroupFiles {
    var root: String
    var limit: String
    var usage: String
    /// What may be taken from the pages of files, in `memory.stat`.
    var reclaimable: [Substring]

    static let first = GroupFiles(
      root: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes",
      usage: "memory.usage_in_bytes", reclaimable: ["total_inactive_file", "total_active_file"])
    static let second = GroupFiles(
      root: "/sys/fs/cgroup", limit: "memory.max", usage: "memory.current",
      reclaimable: ["inactive_file", "active_file"])
  }

  /// What a group and those above it leave, the least of them; nil where none has a limit.
  ///
  /// - Parameter line: of `/proc/self/cgroup`, as in `0::/user.slice` (version 2) or
  ///   `5:cpu,memory:/docker/1` (version 1).
  private static func left(inGroup line: Substring, files: (String) -> String?) -> Int? {
    let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else { return nil }
    let isSecond = parts[0] == "0" && parts[1].isEmpty
    guard isSecond || parts[1].split(separator: ",").contains("memory") else { return nil }
    let names = isSecond ? GroupFiles.second : .first
    var path = parts[2].split(separator: "/")
    var least: Int?
    // In a container the path may be that of the host; its own files are those of the root.
    while true {
      let folder = ([Substring(names.root)] + path).joined(separator: "/")
      if let left = left(in: folder, names, files) { least = min(least ?? .max, left) }
      if path.isEmpty { return least }
      path.removeLast()
    }
  }

  private static func left(
    in folder: String, _ names: GroupFiles, _ files: (String) -> String?
  ) -> Int? {
    func number(_ name: String) -> Int? {
      files("\(folder)/\(name)").flatMap { Int($0.split(separator: "\n").first ?? "") }
    }
    // No limit is `max` in the newer file, a number near 2⁶³ in the older one.
    guard let limit = number(names.limit), limit < 1 << 60, let usage = number(names.usage) else {
      return nil
    }
    let pages = (files("\(folder)/memory.stat") ?? "").split(separator: "\n").reduce(Amount(0)) {
      let words = $1.split(separator: " ")
      guard words.count == 2, names.reclaimable.contains(words[0]) else { return $0 }
      return $0 + (Int(words[1]) ?? 0)
    }
    let bound = Amount(usage - min(usage, pages.value)).value
    return limit - min(limit, bound)
  }
}
