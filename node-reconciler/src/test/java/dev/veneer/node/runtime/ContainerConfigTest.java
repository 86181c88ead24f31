package dev.veneer.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.model.ContainerSpec;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.LxcSettings;
import dev.veneer.node.model.SliverId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ContainerConfigTest {
    private static final HostFacts LEGACY = new HostFacts(
            Set.of("memory", "cpu", "pids", "devices"), Set.of("hugetlb"), true, HostFacts.AppArmor.ABSENT, 20_000);
    private static final HostFacts UNIFIED =
            new HostFacts(Set.of(), Set.of("memory", "cpu", "pids", "io"), true, HostFacts.AppArmor.USABLE, 1 << 30);
    private static final LxcSettings FULL =
            new LxcSettings(List.of(), "br0", 64 << 20, 1500, 100, Map.of("B", "2", "A", "1"));

    private static ContainerSpec spec(LxcSettings lxc, boolean mapped) {
        return new ContainerSpec(
                new SliverId("default", "web"),
                "uid:1",
                "/srv/veneer/rootfs/default/web",
                mapped ? new IdRange(1_000_000, 65_536) : null,
                lxc,
                true,
                true,
                List.of());
    }

    private static List<String> lines(ContainerSpec spec, HostFacts host) {
        return ContainerConfig.text(spec, host, "/srv/veneer/lxc/x", "02:76:00:00:00:01")
                .lines()
                .toList();
    }

    @Test
    void containerIsMappedNamedAndRooted() {
        List<String> lines = lines(spec(LxcSettings.NONE, true), LEGACY);
        assertTrue(lines.contains("lxc.rootfs.path = dir:/srv/veneer/rootfs/default/web"));
        assertTrue(lines.contains("lxc.idmap = u 0 1000000 65536"));
        assertTrue(lines.contains("lxc.idmap = g 0 1000000 65536"));
        assertTrue(lines.contains("lxc.uts.name = web"));
        assertTrue(lines.contains("lxc.net.0.type = empty"));
        assertTrue(lines.contains("lxc.console.logfile = /srv/veneer/lxc/x/console.log"));
        assertTrue(lines.contains("lxc.cgroup.devices.deny = a"));
        assertFalse(String.join("\n", lines).contains("lxc.include"));
        assertFalse(String.join("\n", lines).contains("memory"));
    }

    @Test
    void limitsUseTheKeysOfTheHostsHierarchy() {
        List<String> legacy = lines(spec(FULL, true), LEGACY);
        assertTrue(legacy.contains("lxc.cgroup.memory.limit_in_bytes = 67108864"));
        assertTrue(legacy.contains("lxc.cgroup.cpu.cfs_quota_us = 150000"));
        assertTrue(legacy.contains("lxc.cgroup.pids.max = 100"));
        List<String> unified = lines(spec(FULL, true), UNIFIED);
        assertTrue(unified.contains("lxc.cgroup2.memory.max = 67108864"));
        assertTrue(unified.contains("lxc.cgroup2.cpu.max = 150000 100000"));
        assertTrue(unified.contains("lxc.cgroup2.pids.max = 100"));
        assertTrue(unified.contains("lxc.cgroup2.devices.deny = a"));
        assertTrue(unified.contains("lxc.prlimit.nofile = 1024:524288"));
        assertTrue(legacy.contains("lxc.prlimit.nofile = 1024:20000"));
        assertTrue(unified.contains("lxc.apparmor.profile = generated"));
        HostFacts none = new HostFacts(Set.of(), Set.of("io"), false, HostFacts.AppArmor.KERNEL_ONLY, 0);
        assertTrue(lines(spec(LxcSettings.NONE, true), none).contains("lxc.apparmor.profile = unconfined"));
        assertFalse(legacy.toString().contains("apparmor"), legacy.toString());
        assertEquals(List.of("memory", "cpu", "pids"), ContainerConfig.missingControllers(spec(FULL, true), none));
        assertEquals(List.of(), ContainerConfig.missingControllers(spec(LxcSettings.NONE, true), none));
    }

    @Test
    void whatIsVeneersComesAfterWhatIsTheOwners() {
        LxcSettings lxc = new LxcSettings(
                List.of(
                        "lxc.init.cmd = /bin/other",
                        "lxc.cgroup.memory.limit_in_bytes = 1",
                        "lxc.cap.drop = net_raw",
                        "lxc.net.0.hwaddr = 02:00:00:00:00:09"),
                "br0",
                64 << 20,
                0,
                0,
                Map.of());
        List<String> lines = lines(spec(lxc, true), LEGACY);
        assertFalse(lines.contains("lxc.init.cmd = /sbin/init"));
        assertTrue(lines.contains("lxc.cap.drop = net_raw"));
        assertTrue(lines.contains("lxc.cap.drop = mac_admin mac_override sys_time sys_module sys_rawio"));
        int owners = lines.indexOf("lxc.cgroup.memory.limit_in_bytes = 1");
        assertTrue(owners < lines.indexOf("lxc.cgroup.memory.limit_in_bytes = 67108864"));
        assertTrue(owners < lines.indexOf("lxc.rootfs.path = dir:/srv/veneer/rootfs/default/web"));
        assertTrue(lines.indexOf("lxc.net.0.type = veth") < lines.indexOf("lxc.net.0.hwaddr = 02:00:00:00:00:09"));
        assertFalse(lines.contains("lxc.net.0.hwaddr = 02:76:00:00:00:01"));
    }

    @Test
    void capabilitiesAreKeptOrDroppedNeverBoth() {
        LxcSettings lxc = new LxcSettings(List.of("lxc.cap.keep = sys_chroot"), null, 0, 0, 0, Map.of());
        assertFalse(String.join("\n", lines(spec(lxc, true), LEGACY)).contains("lxc.cap.drop"));
    }

    @Test
    void hostIdsAreConfinedMore() {
        List<String> lines = lines(spec(LxcSettings.NONE, false), LEGACY);
        assertFalse(String.join("\n", lines).contains("idmap"));
        assertTrue(lines.contains("lxc.mount.auto = proc:mixed sys:ro cgroup:mixed"));
        assertTrue(ContainerConfig.seccomp(spec(LxcSettings.NONE, false)).contains("\nbpf errno 1\n"));
        assertTrue(ContainerConfig.seccomp(spec(LxcSettings.NONE, true)).contains("\nkexec_load errno 1\n"));
    }

    @Test
    void everyLineIsOneSetting() {
        for (String line : lines(spec(FULL, true), LEGACY)) {
            assertTrue(line.startsWith("# ") || line.matches("lxc\\.[a-z0-9._]+ = .*"), line);
        }
        assertEquals(
                List.of("lxc.environment = A=1", "lxc.environment = B=2"),
                lines(spec(FULL, true), LEGACY).stream()
                        .filter(line -> line.startsWith("lxc.environment"))
                        .toList());
    }

    @Test
    void unsafePathsAndUncheckedAdditionsNeverGetIntoTheFile() {
        for (String path : List.of("relative", "/a\nb", "/a\r", "/a ", "/a\u0000")) {
            ContainerSpec spec = new ContainerSpec(
                    new SliverId("default", "web"), "u", path, null, LxcSettings.NONE, true, false, List.of());
            assertThrows(IllegalArgumentException.class, () -> lines(spec, LEGACY), path);
        }
        LxcSettings bad = new LxcSettings(List.of("lxc.include = /x"), null, 0, 0, 0, Map.of());
        assertThrows(IllegalArgumentException.class, () -> lines(spec(bad, true), LEGACY));
    }
}
