package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A real Debian sliver, in which its owner installed and purged packages, edited configuration and added users, moves
 * from Debian 12 as it was released to Debian 12 with all updates.
 */
class DebianMoveIT {
    private static final String PACKAGES = "systemd,systemd-sysv,dbus,nano,procps,less,openssh-server,cron,"
            + "ca-certificates,curl,rsync,sudo,bind9-host,libxml2";
    private static final List<String> INSTALLED = List.of("tree", "jq", "bc", "file", "pwgen");

    /** Made once with the project's own script and kept in the build directory. */
    private static synchronized String archive(String name, boolean updates) throws IOException {
        Path project = Path.of("").toAbsolutePath();
        while (!Files.exists(project.resolve("hack/debian-base.sh"))) {
            project = project.getParent();
        }
        Path archive = project.resolve("node-reconciler/target/it/" + name + ".tar");
        if (!Files.exists(archive)) {
            Files.createDirectories(archive.getParent());
            String script = project.resolve("hack/debian-base.sh").toString();
            List<String> command = new ArrayList<>(List.of("env"));
            if (!updates) {
                command.add("WITHOUT_UPDATES=1");
            }
            command.addAll(List.of("sh", script, archive.toString(), PACKAGES));
            Commands.run(command.toArray(new String[0]));
        }
        return archive.toUri().toString();
    }

    private static void declare(NodeOnLoop node, String base, String spec) throws IOException {
        node.write("web.yaml", NodeOnLoop.sliverOn(base, "web", spec));
    }

    private static String inside(Path rootfs, String script) {
        return Commands.run("chroot", rootfs.toString(), "sh", "-ec", script);
    }

    private static void start(NodeOnLoop node, String spec) throws IOException {
        node.write("v1.yaml", NodeOnLoop.image("v1", archive("debian-12-released", false)));
        node.write("v2.yaml", NodeOnLoop.image("v2", archive("debian-12-updated", true)));
        declare(node, "v1", spec);
        NodeOnLoop.Said made = node.apply();
        assertEquals(0, made.status(), made.text());
        // Packages' scripts must start nothing: they would start it on the machine that runs the tests.
        Path policy = node.rootfs("web").resolve("usr/sbin/policy-rc.d");
        Files.writeString(policy, "#!/bin/sh\nexit 101\n");
        Commands.run("chmod", "755", policy.toString());
    }

    /** What an owner does in some weeks. */
    private static void work(Path rootfs) throws IOException {
        Files.copy(
                Path.of("/etc/resolv.conf"),
                rootfs.resolve("etc/resolv.conf"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        inside(
                rootfs,
                "export DEBIAN_FRONTEND=noninteractive; apt-get -qq -o Acquire::Check-Valid-Until=false update;"
                        + "apt-get -qq -y install " + String.join(" ", INSTALLED) + " > /dev/null 2>&1;"
                        + "apt-get -qq -y purge nano > /dev/null 2>&1;"
                        + "useradd -m alice; useradd -m bob; usermod -aG sudo alice;"
                        + "rm -f /etc/motd; apt-get -qq clean");
        append(rootfs.resolve("etc/ssh/sshd_config"), "MaxAuthTries 3\n");
        append(rootfs.resolve("etc/crontab"), "# mine\n");
        Files.writeString(rootfs.resolve("home/alice/notes"), "hers");
    }

    private static void append(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.APPEND);
    }

    private static Map<String, String> versions(Path rootfs) {
        Map<String, String> versions = new TreeMap<>();
        for (String line : inside(rootfs, "dpkg-query -W -f '${Package}:${Architecture} ${Version} ${Status}\\n'")
                .split("\n", -1)) {
            String[] words = line.split(" ", -1);
            if (words.length > 2 && line.endsWith("install ok installed")) {
                versions.put(words[0], words[1]);
            }
        }
        return versions;
    }

    @ParameterizedTest
    @CsvSource({"XFS, overlay", "BTRFS, btrfs-snapshot"})
    void aLivedInDebianMovesWithoutAnyConflict(LoopDevice.Kind kind, String driver) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(kind)) {
            String spec = "driver: " + driver + ", rebase: {onConflict: Fail, verify: Full}";
            start(node, spec);
            Path rootfs = node.rootfs("web");
            Map<String, String> released = versions(rootfs);
            String auditBefore = inside(rootfs, "dpkg --audit");
            work(rootfs);
            Map<String, String> own = versions(rootfs);

            JsonNode told = AgentSocket.JSON.readTree(
                    node.run("rebase", "sliver", "web", "--to", "v2", "--dry-run", "-o", "json")
                            .text());
            assertTrue(told.path("possible").asBoolean(), told.path("counts").toString());
            told.path("paths")
                    .forEach(
                            path -> assertFalse(path.path("verdict").asText().startsWith("conflict"), path.toString()));

            declare(node, "v2", spec);
            NodeOnLoop.Said moved = node.apply();
            assertEquals(0, moved.status(), moved.text());
            assertTrue(node.apply().text().contains("Nothing to do"));

            assertEquals(auditBefore, inside(rootfs, "dpkg --audit"));
            inside(rootfs, "apt-get -qq check");
            Map<String, String> now = versions(rootfs);
            declare(node, "v2", spec + ", desiredState: Deployed");
            Map<String, String> updated = new TreeMap<>();
            node.write("plain.yaml", NodeOnLoop.sliverOn("v2", "plain", "driver: " + driver));
            assertEquals(0, node.apply().status());
            updated.putAll(versions(node.rootfs("plain")));
            long differ = updated.entrySet().stream()
                    .filter(each -> !each.getValue().equals(released.get(each.getKey())))
                    .count();
            // Twenty in November 2026; a point release takes updates into what was released.
            assertTrue(differ >= 10, "only " + differ + " packages of the base were updated");
            updated.keySet().removeIf(name -> name.startsWith("nano:"));
            updated.forEach((name, version) -> assertEquals(version, now.get(name), name));
            for (String name : INSTALLED) {
                String key = own.keySet().stream()
                        .filter(each -> each.startsWith(name + ":"))
                        .findFirst()
                        .orElseThrow();
                assertEquals(own.get(key), now.get(key));
            }
            assertTrue(now.keySet().stream().noneMatch(name -> name.startsWith("nano:")), "nano came back");
            assertFalse(Files.exists(rootfs.resolve("bin/nano")));

            assertTrue(inside(rootfs, "echo '{\"a\":[1,2]}' | jq -c .a; echo 6*7 | bc; curl --version | head -n 1")
                    .startsWith("[1,2]\n42\ncurl "));
            assertTrue(inside(rootfs, "id alice; id bob").contains("(sudo)"));
            // It also tells directories that the base itself lacks; only what it would change matters.
            assertTrue(Commands.run("sh", "-c", "chroot " + rootfs + " sh -c 'pwck -r; grpck -r; true'")
                    .contains("no changes"));
            assertEquals("hers", Files.readString(rootfs.resolve("home/alice/notes")));
            assertTrue(Files.readString(rootfs.resolve("etc/ssh/sshd_config")).endsWith("MaxAuthTries 3\n"));
            assertTrue(Files.readString(rootfs.resolve("etc/crontab")).endsWith("# mine\n"));
            assertFalse(Files.exists(rootfs.resolve("etc/motd")));
            JsonNode report = AgentSocket.JSON.readTree(
                    node.store.resolve("slivers/default/web/rebase.json").toFile());
            assertEquals(told.path("counts"), report.path("counts"));
        }
    }

    /** A second base whose maintainers did what goes against the owner's work. */
    private static void makeContrary(NodeOnLoop node) throws Exception {
        Path tree = Files.createDirectory(node.archives.resolve("contrary"));
        Commands.run(
                "tar",
                "-xf",
                Path.of(java.net.URI.create(archive("debian-12-updated", true))).toString(),
                "-C",
                tree.toString());
        append(tree.resolve("etc/crontab"), "# theirs\n");
        append(tree.resolve("etc/passwd"), "statd:x:1000:1000::/var/lib/statd:/bin/sh\n");
        append(tree.resolve("etc/group"), "statd:x:1000:\n");
        append(tree.resolve("etc/shadow"), "statd:!:19000:0:99999:7:::\n");
        inside(tree, "dpkg --purge rsync > /dev/null 2>&1");
        node.write(
                "contrary.yaml",
                "apiVersion: veneer.dev/v1alpha1\nkind: BaseImage\nmetadata: {name: contrary}\n"
                        + "spec: {source: {directory: {path: " + tree + "}}}\n");
    }

    @Test
    void exactlyWhatContradictsIsAConflict() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            start(node, "");
            Path rootfs = node.rootfs("web");
            inside(rootfs, "useradd -m alice");
            append(rootfs.resolve("etc/crontab"), "# mine\n");
            append(rootfs.resolve("usr/bin/openssl"), "changed by its owner\n");
            Path made = Files.createDirectories(node.archives.resolve("probe/DEBIAN"));
            Files.writeString(
                    made.resolve("control"),
                    """
                    Package: veneer-probe
                    Version: 1
                    Architecture: all
                    Depends: rsync
                    Maintainer: nobody <nobody@localhost>
                    Description: depends on what goes away
                    """);
            Commands.run(
                    "dpkg-deb",
                    "--root-owner-group",
                    "--build",
                    made.getParent().toString(),
                    rootfs.resolve("srv/probe.deb").toString());
            inside(rootfs, "dpkg -i /srv/probe.deb > /dev/null");
            makeContrary(node);
            assertEquals(0, node.apply().status());

            NodeOnLoop.Said said = node.run("rebase", "sliver", "web", "--to", "contrary", "--dry-run", "-o", "json");
            assertEquals(1, said.status(), said.text());
            StringBuilder conflicts = new StringBuilder();
            for (JsonNode path : AgentSocket.JSON.readTree(said.text()).path("paths")) {
                if (path.path("verdict").asText().startsWith("conflict")) {
                    conflicts
                            .append(path.path("path").asText())
                            .append(' ')
                            .append(path.path("by").asText())
                            .append(' ')
                            .append(path.path("detail").asText())
                            .append('\n');
                }
            }
            String all = conflicts.toString();
            assertTrue(all.contains("/etc/crontab "), all);
            assertTrue(all.contains("/usr/bin/openssl "), all);
            assertTrue(all.contains("alice") && all.contains("statd"), all);
            assertTrue(all.contains("rsync"), all);

            declare(node, "contrary", "");
            NodeOnLoop.Said refused = node.apply();
            assertNotEquals(0, refused.status());
            assertTrue(refused.text().contains("it stays on v1"), refused.text());
            assertTrue(inside(rootfs, "dpkg -s veneer-probe").contains("install ok installed"));

            declare(node, "contrary", "rebase: {onConflict: TakeBase, verify: Full}");
            NodeOnLoop.Said taken = node.apply();
            assertEquals(0, taken.status(), taken.text());
            Path aside = rootfs.resolve("var/lib/veneer/displaced/2");
            assertTrue(Files.readString(rootfs.resolve("etc/crontab")).endsWith("# theirs\n"));
            assertTrue(Files.readString(aside.resolve("etc/crontab")).endsWith("# mine\n"));
            assertTrue(Files.readString(aside.resolve("etc/passwd")).contains("alice"));
            assertTrue(Files.exists(aside.resolve("usr/bin/openssl")));
            assertFalse(Files.readString(rootfs.resolve("etc/passwd")).contains("alice"));
        }
    }
}
