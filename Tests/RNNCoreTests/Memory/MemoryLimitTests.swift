import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Memory that a process may take")
struct MemoryLimitTests {
  private static let meminfo = """
    MemTotal:       24683264 kB
    MemFree:         9175180 kB
    MemAvailable:   23509000 kB

    """
  private static let status =
    "Name:\trnnbench\nVmPeak:\t  900000 kB\nVmSize:\t  800000 kB\nVmData:\t 300000 kB\n"

  private static let second = "30 20 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
  private static let first =
    "31 20 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"

  private func limit(
    _ files: [String: String], addressSpace: Int? = nil, data: Int? = nil
  ) -> MemoryLimit {
    MemoryLimit(files: { files[$0] }, addressSpace: addressSpace, data: data)
  }

  @Test("Without groups and limits it is what the machine has free")
  func machine() {
    let found = limit(["/proc/meminfo": Self.meminfo])
    #expect(found == MemoryLimit(bytes: 23_509_000 * 1024, source: .machine))
    #expect(limit([:]) == MemoryLimit(bytes: .max, source: .machine))
    // A process of a group without limits.
    let open = limit([
      "/proc/meminfo": Self.meminfo, "/proc/self/cgroup": "0::/user.slice\n",
      "/proc/self/mountinfo": Self.second,
      "/sys/fs/cgroup/user.slice/memory.max": "max\n",
      "/sys/fs/cgroup/user.slice/memory.current": "12345\n",
    ])
    #expect(open == found)
  }

  @Test("Version 2: the group above may be the narrower one; pages of files do not count as taken")
  func secondVersion() {
    var files = [
      "/proc/meminfo": Self.meminfo, "/proc/self/cgroup": "0::/outer/inner\n",
      "/proc/self/mountinfo": Self.second,
      "/sys/fs/cgroup/outer/inner/memory.max": "4000000000\n",
      "/sys/fs/cgroup/outer/inner/memory.current": "1000000000\n",
      "/sys/fs/cgroup/outer/memory.max": "3000000000\n",
      "/sys/fs/cgroup/outer/memory.current": "2500000000\n",
      "/sys/fs/cgroup/outer/memory.stat":
        "anon 900000000\nfile 1600000000\ninactive_file 1000000000\nactive_file 500000000\n",
    ]
    #expect(
      limit(files) == MemoryLimit(bytes: 2_000_000_000, source: .controlGroup))
    files["/sys/fs/cgroup/outer/inner/memory.max"] = "1500000000\n"
    #expect(limit(files) == MemoryLimit(bytes: 500_000_000, source: .controlGroup))
    files["/sys/fs/cgroup/outer/inner/memory.max"] = "500000000\n"
    #expect(limit(files) == MemoryLimit(bytes: 0, source: .controlGroup))
    // In a container, whose path is the host's: its own limit stands at the root.
    let inside = [
      "/proc/meminfo": Self.meminfo, "/proc/self/cgroup": "0::/../docker/abc\n",
      "/proc/self/mountinfo": Self.second,
      "/sys/fs/cgroup/memory.max": "700000000\n", "/sys/fs/cgroup/memory.current": "200000000\n",
    ]
    #expect(limit(inside) == MemoryLimit(bytes: 500_000_000, source: .controlGroup))
  }

  @Test("Version 1 has a hierarchy of its own and other names")
  func firstVersion() {
    let files = [
      "/proc/meminfo": Self.meminfo,
      "/proc/self/mountinfo": Self.first,
      "/proc/self/cgroup": "12:cpu,cpuacct:/docker/1\n5:memory:/docker/1\n1:name=systemd:/\n",
      "/sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes": "1073741824\n",
      "/sys/fs/cgroup/memory/docker/1/memory.usage_in_bytes": "600000000\n",
      "/sys/fs/cgroup/memory/docker/1/memory.stat":
        "cache 1\ninactive_file 5\ntotal_inactive_file 100000000\ntotal_active_file 0\n",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
      "/sys/fs/cgroup/memory/memory.usage_in_bytes": "900000000\n",
    ]
    #expect(
      limit(files) == MemoryLimit(bytes: 1_073_741_824 - 500_000_000, source: .controlGroup))
  }

  @Test("Limits of the process leave what it has not yet")
  func ofProcess() {
    let files = ["/proc/meminfo": Self.meminfo, "/proc/self/status": Self.status]
    #expect(
      limit(files, addressSpace: 2_000_000_000)
        == MemoryLimit(bytes: 2_000_000_000 - 819_200_000, source: .addressSpace))
    #expect(
      limit(files, addressSpace: 2_000_000_000, data: 400_000_000)
        == MemoryLimit(bytes: 400_000_000 - 307_200_000, source: .data))
    #expect(limit(files, addressSpace: 1) == MemoryLimit(bytes: 0, source: .addressSpace))
    #expect(MemoryLimit.current().bytes > 0)
  }

  @Test("A need that does not fit is an error that says what is short, and by how much")
  func refusal() throws {
    var need = MemoryNeed()
    need.add("parameters", bytes: 3 << 30)
    need.add("batch", bytes: 1 << 30)
    need.add("parameters", bytes: 1 << 30)
    #expect(need.bytes == 5 << 30)
    #expect(need.parts.map(\.name) == ["parameters", "batch"])
    try need.check(within: MemoryLimit(bytes: 6 << 30, source: .machine))
    let short = MemoryLimit(bytes: 5 << 30, source: .addressSpace)
    expectError(.memory, about: "run") { try need.check(within: short, argument: "run") }
    do {
      try need.check(within: short)
    } catch {
      #expect(
        error.description == "memory: expected at most 5 GiB, left by ulimit -v, "
          + "found about 5 GiB, 4 GiB of it parameters")
    }
    // What is there already need not be taken again.
    try need.check(within: short, taken: 1 << 30)
    need.add("batch", bytes: .max)
    #expect(need.bytes == .max && need.largest?.name == "batch")
    try need.check(within: MemoryLimit(bytes: .max, source: .machine))
    expectError(.memory, about: "memory") { try need.check(within: short) }
    try MemoryNeed().check(within: MemoryLimit(bytes: 0, source: .machine))
  }

  @Test("Amounts stop at the largest integer")
  func amounts() {
    #expect(Amount(3) * 4 + 5 == 17)
    #expect(Amount(-3) == 0)
    #expect((Amount(.max) + 1).value == .max)
    #expect((Amount(1 << 40) * (1 << 40)).value == .max)
    #expect((Amount(.max) * 0).value == 0)
    #expect(Amount(1 << 62) * 2 > Amount(1 << 62))
  }

  @Test("No model is made that there is no memory for, and nothing overflows on the way")
  func models() {
    let most = ModelSize.largest
    expectError(.memory, about: "parameters") {
      _ = try RecurrentEngine(
        RecurrentConfiguration(cell: .lstm(), inputSize: 200_000, hiddenSize: 200_000), seed: 1)
    }
    for layers in [1, 1024] {
      #expect(throws: RNNError.self) {
        _ = try SequenceModel(
          ModelConfiguration(
            input: .tokens(vocabulary: most, embedding: most),
            body: .recurrent(.gru(), layers: layers), hiddenSize: most, outputs: most), seed: 1)
      }
    }
    #expect(throws: RNNError.self) {
      _ = try EncoderDecoder(
        EncoderDecoderConfiguration(
          source: .tokens(vocabulary: 1 << 20, embedding: 1 << 19), targetVocabulary: 1 << 18,
          targetEmbedding: 1 << 19, hiddenSize: 1 << 17), seed: 1)
    }
    var layout = ParameterLayout()
    for name in ["a", "b", "c"] {
      _ = Linear(name, input: .max / 2, output: .max / 3, declaringIn: &layout)
    }
    #expect(layout.parameterCount == .max)
    expectError(.memory, about: "parameters") {
      _ = try ParameterStore(layout: layout, start: .standard(for: nil), seed: 1)
    }
  }
}
