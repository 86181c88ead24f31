package dev.veneer.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.model.ContainerSpec;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.LxcSettings;
import dev.veneer.node.model.SliverId;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigPolicyTest {
    private static final IdRange RANGE = new IdRange(1_000_000, 65_536);

    static ContainerSpec spec(boolean wider, IdRange range, String bridge, List<String> config) {
        return new ContainerSpec(
                new SliverId("default", "web"),
                "uid:1",
                "/srv/store/rootfs/default/web",
                range,
                new LxcSettings(config, bridge, 0, 0, 0, Map.of()),
                true,
                wider,
                List.of("/srv/shared", "/mnt/data/"));
    }

    private static List<String> problems(String line) {
        return ConfigPolicy.problems(spec(false, RANGE, "br0", List.of(line)));
    }

    private static List<String> wider(String line) {
        return ConfigPolicy.problems(spec(true, RANGE, "br0", List.of(line)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lxc.signal.halt = SIGRTMIN+3",
                "lxc.signal.stop=SIGKILL",
                "  lxc.tty.max = 0  ",
                "lxc.pty.max = 16",
                "lxc.init.cmd = /bin/busybox init",
                "lxc.cap.drop = net_raw sys_ptrace",
                "lxc.no_new_privs = 1",
                "lxc.proc.oom_score_adj = 500",
                "lxc.prlimit.nofile = 4096:65536",
                "lxc.prlimit.core = 0",
                "lxc.net.0.ipv4.address = 10.0.3.2/24",
                "lxc.net.0.ipv4.gateway = auto",
                "lxc.net.0.ipv6.address = fd00::2/64",
                "lxc.net.0.hwaddr = 02:00:00:00:00:01",
                "lxc.net.0.mtu = 1400",
                "lxc.sysctl.net.ipv4.ip_forward = 1",
                "lxc.mount.entry = tmpfs var/cache tmpfs size=10m,mode=0755,create=dir 0 0",
                "lxc.mount.entry = none tmp tmpfs nosuid,nodev",
                "lxc.mount.entry = /srv/shared/web var/www none bind,ro,create=dir 0 0",
                "lxc.mount.entry = /mnt/data data none rbind 0 0",
            })
    void allows(String line) {
        assertEquals(List.of(), problems(line));
        assertEquals(List.of(), wider(line));
        List<ConfigLine> accepted = ConfigPolicy.accepted(spec(false, RANGE, "br0", List.of(line)));
        assertEquals(1, accepted.size());
        assertFalse(accepted.get(0).toString().contains("\n"));
    }

    /** What breaks out of Veneer's own settings, with and without allow.tenantLxcConfig. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "lxc.rootfs.path = dir:/",
                "lxc.rootfs.path = /",
                "lxc.rootfs.mount = /mnt",
                "lxc.rootfs.options = idmap=none",
                "lxc.rootfs.managed = 0",
                "lxc.rootfs = /",
                "lxc.idmap = u 0 0 65536",
                "lxc.id_map = u 0 0 65536",
                "lxc.include = /etc/passwd",
                "lxc.include = /usr/share/lxc/config/nesting.conf",
                "lxc.hook.pre-start = /bin/sh",
                "lxc.hook.start-host = /bin/sh",
                "lxc.hook.mount = /bin/sh",
                "lxc.hook.autodev = /bin/sh",
                "lxc.hook.start = /bin/sh",
                "lxc.hook.stop = /bin/sh",
                "lxc.hook.post-stop = /bin/sh",
                "lxc.hook.clone = /bin/sh",
                "lxc.hook.destroy = /bin/sh",
                "lxc.hook.version = 1",
                "lxc.uts.name = other",
                "lxc.utsname = other",
                "lxc.log.file = /etc/cron.d/x",
                "lxc.log.level = TRACE",
                "lxc.log.syslog = daemon",
                "lxc.console.path = /dev/tty1",
                "lxc.console.logfile = /etc/cron.d/x",
                "lxc.console.rotate = 1",
                "lxc.console = /dev/tty1",
                "lxc.monitor.unshare = 0",
                "lxc.monitor.signal.pdeath = SIGUSR1",
                "lxc.namespace.share.net = 1",
                "lxc.namespace.share.pid = 1",
                "lxc.namespace.share.mnt = 1",
                "lxc.namespace.keep = user net",
                "lxc.namespace.clone = pid",
                "lxc.cgroup.dir = other",
                "lxc.cgroup.dir.container = /",
                "lxc.cgroup.relative = 1",
                "lxc.cgroup.use = all",
                "lxc.net.0.type = phys",
                "lxc.net.0.type = none",
                "lxc.net.1.type = phys",
                "lxc.net.1.ipv4.address = 10.0.0.1/8",
                "lxc.net.00.ipv4.address = 10.0.0.1/8",
                "lxc.net.0.link = eth0",
                "lxc.net.0.name = lo",
                "lxc.net.0.script.up = /bin/sh",
                "lxc.net.0.script.down = /bin/sh",
                "lxc.net.0.veth.pair = eth0",
                "lxc.net.0.veth.mode = router",
                "lxc.net.0.macvlan.mode = bridge",
                "lxc.net.0.hwaddr = 01:00:00:00:00:01",
                "lxc.net.0.ipv4.gateway = 10.0.0.1 x",
                "lxc.net = 0",
                "lxc.network.type = phys",
                "lxc.network.0.type = phys",
                "lxc.network.script.up = /bin/sh",
                "lxc.mount.fstab = /etc/fstab",
                "lxc.mount = /etc/fstab",
                "lxc.mount.entry = / mnt none bind 0 0",
                "lxc.mount.entry = /etc etc none bind 0 0",
                "lxc.mount.entry = /srv/sharedother x none bind 0 0",
                "lxc.mount.entry = /srv x none bind 0 0",
                "lxc.mount.entry = /srv/shared/../../etc x none bind 0 0",
                "lxc.mount.entry = /srv/shared/./x x none bind 0 0",
                "lxc.mount.entry = /srv/shared//x x none bind 0 0",
                "lxc.mount.entry = /srv/shared/\\056\\056/x x none bind 0 0",
                "lxc.mount.entry = /srv/shared /etc none bind 0 0",
                "lxc.mount.entry = /srv/shared ../../etc none bind 0 0",
                "lxc.mount.entry = /srv/shared x none rw 0 0",
                "lxc.mount.entry = /srv/shared x ext4 bind 0 0",
                "lxc.mount.entry = /srv/shared x none bind,shared 0 0",
                "lxc.mount.entry = /srv/shared x none bind 1 0",
                "lxc.mount.entry = /srv/shared x none bind 0 0 0",
                "lxc.mount.entry = /dev/sda1 x ext4 defaults 0 0",
                "lxc.mount.entry = proc x proc defaults 0 0",
                "lxc.mount.entry = sysfs x sysfs defaults 0 0",
                "lxc.mount.entry = devtmpfs x devtmpfs defaults 0 0",
                "lxc.mount.entry = overlay x overlay lowerdir=/,upperdir=/a,workdir=/b 0 0",
                "lxc.mount.entry = tmpfs x tmpfs bind 0 0",
                "lxc.mount.entry = tmpfs . tmpfs rw 0 0",
                "lxc.mount.entry = tmpfs",
                "lxc.environment = A=b",
                "lxc.execute.cmd = /bin/sh",
                "lxc.init.cwd = /proc/1/root",
                "lxc.init.uid = 4294967295",
                "lxc.init.cmd = ../../bin/sh",
                "lxc.init.cmd = sh",
                "lxc.ephemeral = 1",
                "lxc.start.auto = 1",
                "lxc.group = onboot",
                "lxc.tty.dir = /",
                "lxc.autodev = 0",
                "lxc.selinux.context = unconfined_t",
                "lxc.seccomp.profile = /dev/null",
                "lxc.seccomp = /dev/null",
                "lxc.seccomp.notify.proxy = unix:/run/x",
                "lxc.apparmor.raw = mount,",
                "lxc.aa_profile = unconfined",
                "lxc.kmsg = 1",
                "lxc.pivotdir = x",
                "lxc.arch = armhf",
                "lxc.bdev.zfs.root = x",
                "lxc.lxcpath = /",
                "lxc.sched.core = 1",
                "lxc.sysctl.kernel.shmmax = 68719476736",
                "lxc.sysctl.kernel.core_pattern = |/x",
                "lxc.sysctl.kernel.modprobe = /x",
                "lxc.sysctl.vm.overcommit_memory = 1",
                "lxc.sysctl.net.core.bpf_jit_enable = 0",
                "lxc.sysctl.net.ipv4..kernel.panic = 1",
                "lxc.sysctl.net.ipv4.conf/../../kernel/panic = 1",
                "lxc.proc.attr = x",
                "lxc.prlimit.nofile = 99999999",
                "lxc.signal.stop = 9; rm",
                "lxc.cap.drop = none, all",
            })
    void refusesAlways(String line) {
        assertEquals(1, problems(line).size(), line);
        assertEquals(1, wider(line).size(), line);
        assertTrue(
                problems(line).get(0).startsWith("lxc.config[0]: "),
                problems(line).get(0));
    }

    /** What only weakens the sliver's own confinement: for the node's owner to allow. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "lxc.apparmor.profile = unconfined",
                "lxc.seccomp.allow_nesting = 1",
                "lxc.cap.keep = sys_admin",
                "lxc.mount.auto = proc:rw sys:rw cgroup:rw:force",
                "lxc.cgroup.devices.allow = c 10:200 rwm",
                "lxc.cgroup2.devices.allow = b 7:* rw",
                "lxc.cgroup.memory.limit_in_bytes = 1",
                "lxc.cgroup2.cpu.weight = 50",
                "lxc.prlimit.memlock = unlimited",
                "lxc.proc.oom_score_adj = -100",
                "lxc.time.offset.boot = 1h",
                "lxc.keyring.session = 0",
            })
    void refusesUnlessTheNodeAllows(String line) {
        assertEquals(1, problems(line).size(), line);
        assertEquals(List.of(), wider(line));
    }

    /** Lines that LXC would read otherwise than they look. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "lxc.tty.max = 1\nlxc.rootfs.path = /",
                "lxc.tty.max = 1\r\nlxc.rootfs.path = /",
                "lxc.tty.max = 1\rlxc.rootfs.path = /",
                "lxc.tty.max = 1\u0000",
                "lxc.tty.max = 1\u000b2",
                "lxc.tty.max = 1\u0085lxc.rootfs.path = /",
                "lxc.tty.max = 1\u2028lxc.rootfs.path = /",
                "\tlxc.tty.max = 1",
                "lxc.tty.max\u00a0= 1",
                "\ufefflxc.tty.max = 1",
                "# lxc.tty.max = 1",
                "lxc.tty.max",
                "lxc.tty.max =",
                "lxc.tty.max = ",
                "lxc.tty.max = \"1\"",
                "lxc.tty.max = '1'",
                "= 1",
                "",
                " ",
                "LXC.TTY.MAX = 1",
                "lxc..tty.max = 1",
                "lxc.tty.max. = 1",
                "lxc.tty.maximum = 1",
                "lxc.tty. max = 1",
                "tty.max = 1",
                "lxc = 1",
                "lxc.cap.drop = ",
                "lxc.\u0455ignal.halt = SIGTERM",
                "lxc.tty.max = 1 # lxc.rootfs.path = /",
            })
    void refusesTricks(String line) {
        assertEquals(1, problems(line).size(), line);
        assertEquals(1, wider(line).size(), line);
        for (char c : problems(line).get(0).toCharArray()) {
            assertTrue(c == '…' || ConfigLine.isPrintable(c), "messages are safe to print");
        }
    }

    @Test
    void networkKeysNeedANetwork() {
        String line = "lxc.net.0.mtu = 1400";
        String problem =
                ConfigPolicy.problems(spec(true, RANGE, null, List.of(line))).get(0);
        assertTrue(problem.contains("needs lxc.network"), problem);
    }

    @Test
    void kernelParametersNeedAUserNamespace() {
        String line = "lxc.sysctl.net.ipv4.ip_forward = 1";
        String problem =
                ConfigPolicy.problems(spec(false, null, "br0", List.of(line))).get(0);
        assertTrue(problem.contains("userNamespace: Host"), problem);
    }

    @Test
    void everyWrongLineIsNamedByItsPlace() {
        List<String> problems = ConfigPolicy.problems(
                spec(false, RANGE, "br0", List.of("lxc.tty.max = 1", "lxc.include = /x", "lxc.tty.max = 99")));
        assertEquals(2, problems.size());
        assertEquals("lxc.config[1]: 'lxc.include' is not allowed: it reads another file", problems.get(0));
        assertEquals("lxc.config[2]: 'lxc.tty.max' cannot have the value '99'", problems.get(1));
    }

    @Test
    void numbersAndSizesAreBounded() {
        List<String> many = Collections.nCopies(65, "lxc.tty.max = 1");
        assertEquals(1, ConfigPolicy.problems(spec(false, RANGE, null, many)).size());
        assertEquals(1, problems("lxc.init.cmd = /" + "x".repeat(1024)).size());
        assertTrue(problems("x".repeat(1 << 20)).get(0).length() < 300);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "br0\n",
                "br0\nlxc.net.0.type = phys",
                "br 0",
                "-br0",
                ".",
                "..",
                "a/b",
                "averyveryverylong",
                "br0#",
                "br=0",
                "brü"
            })
    void bridgeNamesAreChecked(String bridge) {
        assertEquals(
                1, ConfigPolicy.problems(spec(false, RANGE, bridge, List.of())).size());
    }

    private static List<String> environment(String name, String value) {
        LxcSettings lxc = new LxcSettings(List.of(), null, 0, 0, 0, Map.of(name, value));
        return ConfigPolicy.problems(
                new ContainerSpec(new SliverId("default", "web"), "u", "/r", RANGE, lxc, true, false, List.of()));
    }

    @Test
    void environmentCannotWriteOtherLines() {
        assertEquals(List.of(), environment("PATH", "/bin:/usr/bin"));
        assertEquals(List.of(), environment("X", "grüß dich = 'a' # b"));
        assertEquals(List.of(), environment("_x1", ""));
        for (String name : List.of("", "1A", "A B", "A=B", "A\nB", "Ä", "A\u0000", "x".repeat(200))) {
            assertEquals(1, environment(name, "v").size(), name);
        }
        for (String value :
                List.of("a\nlxc.rootfs.path = /", "a\rb", "a\u0000b", "a ", " a", "\u001b[31m", "x".repeat(5000))) {
            assertEquals(1, environment("A", value).size(), value);
        }
    }

    @Test
    void limitsThatCannotWorkAreRefused() {
        for (LxcSettings lxc : List.of(
                new LxcSettings(List.of(), null, -1, 0, 0, Map.of()),
                new LxcSettings(List.of(), null, 1000, 0, 0, Map.of()),
                new LxcSettings(List.of(), null, 0, 1, 0, Map.of()))) {
            ContainerSpec spec =
                    new ContainerSpec(new SliverId("default", "web"), "u", "/r", RANGE, lxc, true, false, List.of());
            assertEquals(1, ConfigPolicy.problems(spec).size());
        }
    }
}
