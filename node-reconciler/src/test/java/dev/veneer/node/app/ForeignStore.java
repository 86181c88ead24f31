package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.node.driver.conformance.TreeText;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A node with an overlay sliver, {@code web}, whose store somebody mounts with options of their own. */
abstract class ForeignStore {
    private static final String[] V1 = {
        "etc/mode",
        "of the base",
        "etc/followed",
        "1",
        "tree/a",
        "a",
        "tree/deep/b",
        "b",
        "etc/renamed",
        "name",
        "one",
        "1",
        "two",
        "2"
    };
    private static final String[] V2 = {
        "etc/mode",
        "of the base",
        "etc/followed",
        "2",
        "tree/a",
        "a",
        "tree/deep/b",
        "b",
        "etc/renamed",
        "name",
        "one",
        "1",
        "two",
        "2",
        "added",
        "2"
    };
    static final String ALL = "redirect_dir=on,metacopy=on,index=off,xino=off";

    protected NodeOnLoop node;
    protected Path view;

    @BeforeEach
    void makeNode() throws Exception {
        node = new NodeOnLoop(LoopDevice.Kind.XFS);
        view = Files.createDirectory(node.disk.mountPoint().resolve("view"));
        node.write("v1.yaml", NodeOnLoop.image("v1", node.archive("v1", V1)));
        node.write("v2.yaml", NodeOnLoop.image("v2", node.archive("v2", V2)));
        declare("v1", "");
        NodeOnLoop.Said made = node.apply();
        assertEquals(0, made.status(), made.text());
        Files.writeString(node.rootfs("web").resolve("etc/own"), "mine");
        Commands.run("umount", node.rootfs("web").toString());
    }

    @AfterEach
    void removeNode() {
        node.close();
    }

    void declare(String base, String spec) throws Exception {
        node.write("web.yaml", NodeOnLoop.sliverOn(base, "web", "driver: overlay" + spec));
    }

    Path upper(int revision) {
        return node.revision("web", revision).resolve("upper");
    }

    private Path base() throws Exception {
        String digest = AgentSocket.JSON
                .readTree(node.store.resolve("slivers/default/web/record.json").toFile())
                .path("baseDigest")
                .asText();
        String hex = digest.substring(digest.indexOf(':') + 1);
        try (var bases = Files.list(node.store.resolve("bases"))) {
            return bases.filter(each -> each.getFileName().toString().contains(hex))
                    .findFirst()
                    .orElseThrow()
                    .resolve("dir");
        }
    }

    void mount(String options) throws Exception {
        Path store = node.revision("web", 1);
        Commands.run("rm", "-rf", store.resolve("work").toString());
        Files.createDirectory(store.resolve("work"));
        Commands.run(
                "mount",
                "-t",
                "overlay",
                "-o",
                "lowerdir=" + base() + ",upperdir=" + store.resolve("upper") + ",workdir=" + store.resolve("work") + ","
                        + options,
                "strange",
                view.toString());
    }

    void unmount() {
        Commands.run("umount", view.toString());
    }

    /** What an owner does under a strange mount. */
    Map<String, TreeText.Line> work(String options) throws Exception {
        mount(options);
        Commands.run("chmod", "4711", view.resolve("etc/mode").toString());
        Commands.run(
                "mv",
                view.resolve("etc/renamed").toString(),
                view.resolve("elsewhere").toString());
        Commands.run("chown", "7:8", view.resolve("elsewhere").toString());
        Commands.run(
                "mv", view.resolve("tree").toString(), view.resolve("moved").toString());
        Files.writeString(view.resolve("moved/deep/mine"), "mine");
        Files.createLink(view.resolve("etc/link"), view.resolve("one"));
        Files.writeString(view.resolve("one"), "changed");
        Commands.run("chattr", "+i", view.resolve("two").toString());
        Map<String, TreeText.Line> seen = text(view);
        unmount();
        return seen;
    }

    static Map<String, TreeText.Line> text(Path root) {
        return TreeText.of(new JnrLinuxCalls(), root.toString(), Long.MAX_VALUE);
    }

    static void assertPlain(Path upper) {
        String attributes = Commands.run("getfattr", "-R", "-d", "-m", "trusted.overlay", "-h", upper.toString());
        for (String name : new String[] {"redirect", "metacopy", "nlink", "whiteout"}) {
            assertFalse(attributes.contains("trusted.overlay." + name), attributes);
        }
    }

    void note(String path, String name, String value) {
        Commands.run(
                "setfattr",
                "-n",
                "trusted.overlay." + name,
                "-v",
                value,
                upper(1).resolve(path).toString());
    }

    JsonNode json(String... arguments) throws Exception {
        NodeOnLoop.Said said = node.run(arguments);
        assertEquals(0, said.status(), said.text());
        return AgentSocket.JSON.readTree(said.text().substring(said.text().indexOf('{')));
    }

    static String of(String name, String source) {
        return "apiVersion: veneer.dev/v1alpha1\nkind: BaseImage\nmetadata: {name: " + name + "}\nspec:\n  source: {"
                + source + "}\n";
    }

    String digest(String image) throws Exception {
        return json("get", "baseimage", image, "-o", "json")
                .at("/status/digest")
                .asText();
    }
}
