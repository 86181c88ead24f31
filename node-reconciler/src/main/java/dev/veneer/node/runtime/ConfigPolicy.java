package dev.veneer.node.runtime;

import dev.veneer.node.model.ContainerSpec;
import dev.veneer.node.model.LxcSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Judges what a sliver's owner wants in the container's configuration: pure. A key that is not listed here is refused,
 * whatever it does; {@code docs/lxc.md} has the same table for people.
 */
final class ConfigPolicy {
    private static final int MOST_LINES = 64;
    private static final int MOST_VARIABLES = 256;
    private static final int LONGEST_VALUE = 4096;
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");
    private static final Pattern BRIDGE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,10}");
    private static final String ADDRESS = "[0-9a-fA-F:.]{2,45}";

    /** Keys that any sliver may set, each with the form of its values. */
    private static final Map<Pattern, Pattern> ALWAYS = Map.ofEntries(
            rule("lxc\\.signal\\.(halt|reboot|stop)", "SIG[A-Z]{2,8}([0-9]{1,2})?([+-][0-9]{1,2})?"),
            rule("lxc\\.init\\.cmd", "/[^'\"\\\\]*"),
            rule("lxc\\.tty\\.max", "[0-9]|1[0-6]"),
            rule("lxc\\.pty\\.max", "[1-9][0-9]{0,3}"),
            rule("lxc\\.cap\\.drop", "[a-z_]+( [a-z_]+)*"),
            rule("lxc\\.no_new_privs", "1"),
            rule("lxc\\.proc\\.oom_score_adj", "[0-9]{1,3}|1000"),
            rule("lxc\\.prlimit\\.(core|cpu|fsize|nproc|stack)", "[0-9]{1,12}(:[0-9]{1,12})?"));

    /** Keys of the container's own network; only where it has one. */
    private static final Map<Pattern, Pattern> NETWORK = Map.ofEntries(
            rule("lxc\\.net\\.0\\.ipv[46]\\.address", ADDRESS + "/[0-9]{1,3}"),
            rule("lxc\\.net\\.0\\.ipv[46]\\.gateway", "auto|dev|" + ADDRESS),
            rule("lxc\\.net\\.0\\.hwaddr", "[0-9a-f][26ae](:[0-9a-f]{2}){5}"),
            rule("lxc\\.net\\.0\\.mtu", "[1-9][0-9]{2,4}"));

    /** Kernel parameters of the container's own network namespace; all others are read-only in there. */
    private static final Map<Pattern, Pattern> SYSCTL =
            Map.ofEntries(rule("lxc\\.sysctl\\.net\\.ipv[46](\\.[a-z0-9_]+)+", "[0-9 ]{1,64}"));

    /** Keys that weaken the container's own confinement: only where the NodeStore allows tenantLxcConfig. */
    private static final Map<Pattern, Pattern> WIDER = Map.ofEntries(
            rule("lxc\\.apparmor\\.(profile|allow_nesting|allow_incomplete)", "[A-Za-z0-9_.-]{1,64}"),
            rule("lxc\\.seccomp\\.allow_nesting", "[01]"),
            rule("lxc\\.cap\\.(keep|drop)", "[a-z_]+( [a-z_]+)*"),
            rule("lxc\\.mount\\.auto", "(proc|sys|cgroup)(:[a-z-]+)*( (proc|sys|cgroup)(:[a-z-]+)*)*"),
            rule("lxc\\.cgroup2?\\.devices\\.allow", "[abc] [0-9*]+:[0-9*]+ [rwm]{1,3}"),
            rule("lxc\\.cgroup2?\\.(memory|cpu|cpuset|io|blkio|pids)\\.[a-z0-9_.]+", "[0-9a-z:, =-]{1,128}"),
            rule("lxc\\.prlimit\\.[a-z]+", "(unlimited|[0-9]{1,19})(:(unlimited|[0-9]{1,19}))?"),
            rule("lxc\\.keyring\\.session", "[01]"),
            rule("lxc\\.time\\.offset\\.(boot|monotonic)", "-?[0-9]{1,12}(h|m|s|ms|us|ns)?"),
            rule("lxc\\.proc\\.oom_score_adj", "-?[0-9]{1,4}"));

    /** Why some keys are refused for ever, by their beginning: for better messages only, the rest is refused too. */
    private static final List<Map.Entry<String, String>> REASONS = List.of(
            Map.entry("lxc.include", "reads another file"),
            Map.entry("lxc.hook", "runs a program of the host"),
            Map.entry("lxc.rootfs", "is Veneer's: the rootfs is what the sliver declares"),
            Map.entry("lxc.idmap", "is Veneer's: see userNamespace"),
            Map.entry("lxc.id_map", "is Veneer's: see userNamespace"),
            Map.entry("lxc.uts", "is Veneer's: the name is the sliver's"),
            Map.entry("lxc.net", "may only set addresses, gateway, hwaddr and mtu of network 0: see lxc.network"),
            Map.entry("lxc.mount.entry", "may only mount a tmpfs, or a host path that the NodeStore allows"),
            Map.entry("lxc.mount", "mounts what the host has"),
            Map.entry("lxc.log", "is Veneer's: see veneer logs"),
            Map.entry("lxc.console", "is Veneer's: see veneer logs and veneer console"),
            Map.entry("lxc.monitor", "acts on the host"),
            Map.entry("lxc.namespace", "shares namespaces of the host or of other containers"),
            Map.entry("lxc.cgroup", "takes back limits: see lxc.memory, lxc.cpus, lxc.pids"),
            Map.entry("lxc.environment", "is lxc.environment of the sliver, as a map"),
            Map.entry("lxc.apparmor", "weakens the confinement"),
            Map.entry("lxc.aa_", "is a key of LXC before 3.0"),
            Map.entry("lxc.seccomp", "weakens the confinement"),
            Map.entry("lxc.selinux", "weakens the confinement"),
            Map.entry("lxc.cap.keep", "weakens the confinement: lxc.cap.drop may be used"),
            Map.entry("lxc.start", "is Veneer's: see desiredState"));

    private ConfigPolicy() {}

    /** Everything that is wrong with what the owner declares, each with the field; empty when nothing is. */
    static List<String> problems(ContainerSpec spec) {
        List<String> problems = new ArrayList<>();
        LxcSettings lxc = spec.lxc();
        String bridge = lxc.bridge();
        if (bridge != null && !isBridgeName(bridge)) {
            problems.add(
                    "lxc.network: " + quote(bridge) + " is not the name of a bridge (at most 15 of A-Z a-z 0-9 _ . -)");
        }
        if (lxc.memoryBytes() < 0 || lxc.milliCpus() < 0 || lxc.pids() < 0) {
            problems.add("lxc: a limit is negative");
        }
        if (lxc.memoryBytes() > 0 && lxc.memoryBytes() < 4 << 20) {
            problems.add("lxc.memory: less than 4Mi does not even start a container");
        }
        if (lxc.milliCpus() > 0 && lxc.milliCpus() < 10) {
            problems.add("lxc.cpus: less than 10m is below what the kernel can account for");
        }
        environment(lxc.environment(), problems);
        if (lxc.config().size() > MOST_LINES) {
            problems.add("lxc.config: " + lxc.config().size() + " lines, at most " + MOST_LINES + " are allowed");
            return problems;
        }
        for (int i = 0; i < lxc.config().size(); i++) {
            String problem = line(lxc.config().get(i), spec);
            if (problem != null) {
                problems.add("lxc.config[" + i + "]: " + problem);
            }
        }
        return problems;
    }

    /** The additional lines as they go into the file. To be called only when there are no {@link #problems}. */
    static List<ConfigLine> accepted(ContainerSpec spec) {
        List<ConfigLine> lines = new ArrayList<>();
        for (String text : spec.lxc().config()) {
            ConfigLine line = ConfigLine.parse(text).line();
            if (line == null || line(text, spec) != null) {
                throw new IllegalArgumentException("not checked before: " + quote(text));
            }
            lines.add(line);
        }
        return lines;
    }

    static boolean isBridgeName(String name) {
        return BRIDGE.matcher(name).matches();
    }

    private static @Nullable String line(String text, ContainerSpec spec) {
        ConfigLine.Parsed parsed = ConfigLine.parse(text);
        ConfigLine line = parsed.line();
        if (line == null) {
            return quote(text) + " " + parsed.problem();
        }
        if (line.key().equals("lxc.mount.entry")) {
            String problem = MountEntryPolicy.problem(line.value(), spec.hostPaths());
            return problem == null ? null : quote(text) + ": " + problem;
        }
        Boolean verdict = judge(ALWAYS, line);
        if (verdict == null && spec.lxc().bridge() != null) {
            verdict = judge(NETWORK, line);
        }
        // A container with the host's ids could write parameters that are not bound to a namespace.
        if (verdict == null && spec.idRange() != null) {
            verdict = judge(SYSCTL, line);
        }
        if (spec.tenantConfig() && !Boolean.TRUE.equals(verdict)) {
            Boolean wider = judge(WIDER, line);
            verdict = wider == null ? verdict : wider;
        }
        if (line.key().equals("lxc.prlimit.nofile")) {
            verdict = nofile(line.value());
        }
        if (Boolean.TRUE.equals(verdict)) {
            return null;
        }
        return quote(line.key())
                + (verdict != null ? " cannot have the value " + quote(line.value()) : reason(line.key(), spec));
    }

    /** True or false when a rule knows the key, null when none does. */
    private static @Nullable Boolean judge(Map<Pattern, Pattern> rules, ConfigLine line) {
        for (Map.Entry<Pattern, Pattern> rule : rules.entrySet()) {
            if (rule.getKey().matcher(line.key()).matches()) {
                return rule.getValue().matcher(line.value()).matches();
            }
        }
        return null;
    }

    private static boolean nofile(String value) {
        for (String part : value.split(":", -1)) {
            if (!NUMBER.matcher(part).matches() || Long.parseLong(part) > 1 << 20) {
                return false;
            }
        }
        return value.split(":", -1).length <= 2;
    }

    private static String reason(String key, ContainerSpec spec) {
        if (!spec.tenantConfig()
                && WIDER.keySet().stream().anyMatch(p -> p.matcher(key).matches())) {
            return " is only allowed where the NodeStore has allow.tenantLxcConfig";
        }
        if (NETWORK.keySet().stream().anyMatch(p -> p.matcher(key).matches())) {
            return " needs lxc.network to name a bridge";
        }
        if (SYSCTL.keySet().stream().anyMatch(p -> p.matcher(key).matches())) {
            return " is not allowed with userNamespace: Host";
        }
        for (Map.Entry<String, String> entry : REASONS) {
            if (key.startsWith(entry.getKey())) {
                return " is not allowed: it " + entry.getValue();
            }
        }
        return " is not among the keys that a sliver may set (docs/lxc.md lists them)";
    }

    private static void environment(Map<String, String> environment, List<String> problems) {
        if (environment.size() > MOST_VARIABLES) {
            problems.add("lxc.environment: more than " + MOST_VARIABLES + " variables");
            return;
        }
        environment.forEach((name, value) -> {
            if (!VARIABLE.matcher(name).matches()) {
                problems.add("lxc.environment: " + quote(name) + " is not a name of a variable");
            } else if (value.length() > LONGEST_VALUE) {
                problems.add("lxc.environment." + name + ": longer than " + LONGEST_VALUE + " characters");
            } else if (value.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
                problems.add("lxc.environment." + name + ": has a line break or another control character");
            } else if (!value.equals(value.strip())) {
                problems.add("lxc.environment." + name + ": LXC drops blanks at the end of a value");
            }
        });
    }

    /** For messages: cut to a readable length and without anything that could disturb a terminal or a log. */
    static String quote(String text) {
        StringBuilder safe = new StringBuilder("'");
        for (int i = 0; i < Math.min(text.length(), 80); i++) {
            safe.append(ConfigLine.isPrintable(text.charAt(i)) ? text.charAt(i) : '?');
        }
        return safe.append(text.length() > 80 ? "…'" : "'").toString();
    }

    private static Map.Entry<Pattern, Pattern> rule(String key, String value) {
        return Map.entry(Pattern.compile(key), Pattern.compile(value));
    }
}
