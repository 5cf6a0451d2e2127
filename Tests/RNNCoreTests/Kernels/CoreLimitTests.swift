import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite struct CoreLimitTests {
  @Test(
    arguments: [
      ("max 100000\n", nil), ("200000 100000\n", 2), ("150000 100000\n", 1.5),
      ("1000 100000\n", 0.01), ("-1\n 100000\n", nil), ("50000\n 50000\n", 1), ("", nil),
      (" ", nil),
      ("100000", nil), ("100000 0", nil),
    ] as [(String, Double?)])
  func `a quota is so many cores' time`(text: String, quota: Double?) {
    #expect(CoreLimit.quota(text) == quota)
  }

  @Test(
    arguments: [
      (64, 64, nil, 64, "64"), (64, 2, nil, 2, "2 of 64, which the process is bound to"),
      (64, 64, 1.5, 2, "2 of 64, by a quota of 1.5"),
      (64, 4, 0.01, 1, "1 of 64, by a quota of 0.01"),
      (64, 4, 3.0, 3, "3 of 64, by a quota of 3.0"), (64, 64, 1e300, 64, "64"),
      (64, 4, 3.5, 4, "4 of 64, which the process is bound to"), (2, 2, 2.0, 2, "2"),
      (1, 1, 0.1, 1, "1"),
    ] as [(Int, Int, Double?, Int, String)])
  func `the lesser of binding and quota holds`(
    online: Int, bound: Int, quota: Double?, cores: Int, text: String
  ) {
    let limit = CoreLimit(online: online, bound: bound, quota: quota)
    #expect(limit.cores == cores)
    #expect("\(limit)" == text)
  }

  private static let version1 = """
    22 18 0:20 / /proc rw,nosuid - proc proc rw
    30 29 0:25 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
    31 29 0:26 / /sys/fs/cgroup/memory rw,relatime shared:10 - cgroup cgroup rw,memory
    32 29 0:27 / /sys/fs/cgroup/unified rw,relatime shared:11 master:2 - cgroup2 cgroup2 rw
    """
  private static let version2 = "31 24 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n"

  @Test(arguments: [
    // A service on a machine, all levels; version 2 and 1.
    (
      "0::/a.slice/b.service\n", version2, "cpu",
      ["/sys/fs/cgroup", "/sys/fs/cgroup/a.slice", "/sys/fs/cgroup/a.slice/b.service"]
    ),
    (
      "4:memory:/\n3:cpu,cpuacct:/x\n0::/init\n", version1, "cpu",
      [
        "/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct/x", "/sys/fs/cgroup/unified",
        "/sys/fs/cgroup/unified/init",
      ]
    ),
    (
      "4:memory:/m\n3:cpu,cpuacct:/x\n", version1, "memory",
      ["/sys/fs/cgroup/memory", "/sys/fs/cgroup/memory/m"]
    ),
    // A container: the mount begins at its group, or the path leads out of what it sees.
    (
      "0::/docker/1f\n", "31 24 0:27 /docker/1f /sys/fs/cgroup ro - cgroup2 cgroup rw", "cpu",
      ["/sys/fs/cgroup"]
    ),
    (
      "0::/docker/1f/in\n", "31 24 0:27 /docker/1f /sys/fs/cgroup ro - cgroup2 cgroup rw", "cpu",
      ["/sys/fs/cgroup", "/sys/fs/cgroup/in"]
    ),
    ("0::/../other\n", version2, "cpu", ["/sys/fs/cgroup"]),
    ("0::/elsewhere\n", "31 24 0:27 /docker/1f /cg ro - cgroup2 cgroup rw", "cpu", ["/cg"]),
    // A path may hold colons; what is no line of this kind is passed over.
    ("0::/a:b\n", version2, "cpu", ["/sys/fs/cgroup", "/sys/fs/cgroup/a:b"]),
    ("", version1, "cpu", []), ("0::/a", "", "cpu", []), ("x", "31 24 - cgroup2", "cpu", []),
  ])
  func `folders of all levels of the process's groups`(
    membership: String, mounts: String, controller: String, folders: [String]
  ) {
    let groups = ControlGroups(membership: membership, mounts: mounts)
    #expect(groups.folders(of: controller) == folders)
  }

  @Test(
    arguments: [
      ([:], nil), (["cpu.max": "250000 100000\n"], 2.5), (["cpu.max": "max 100000\n"], nil),
      (["cpu.cfs_quota_us": "250000\n", "cpu.cfs_period_us": "100000\n"], 2.5),
      (["cpu.cfs_quota_us": "-1\n", "cpu.cfs_period_us": "100000\n"], nil),
    ] as [([String: String], Double?)])
  func `files of both versions say a group's quota`(files: [String: String], quota: Double?) throws
  {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    for (name, text) in files { try folder.write(Array(text.utf8), to: name) }
    #expect(CoreLimit.quota(ofGroup: folder.path(".")) == quota)
  }

  @Test func `this process has at least one core and no more than the machine`() {
    let limit = CoreLimit.current()
    #expect((1...limit.online).contains(limit.cores))
    #expect(limit.bound <= limit.online)
    #expect(MachineProfile.current().coreLimit == limit)
    #expect(availableCores() == limit.cores)
  }
}
