package dev.veneer.node.driver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.veneer.node.driver.BaseForms;
import dev.veneer.node.driver.BaseTree;
import dev.veneer.node.driver.StorageDriver;
import dev.veneer.node.driver.WritableStore;
import dev.veneer.node.execute.Mounter;
import dev.veneer.node.execute.UserNamespaces;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.tree.TreeRemover;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What one case has to itself: a base, slivers on it, and when it ends the proof that the base did not change. */
final class World implements AutoCloseable {
    /** Ends every base's script: all that it made is from one old time, so that what is changed later can be told. */
    private static final String AGE = "\nfind . -depth -exec touch -h -d @1500000000.123456789 {} +";

    private static final String BASE =
            """
            umask 022
            mkdir -p etc/conf.d bin usr/share/doc/a usr/share/doc/b var/log empty
            echo root:x:0:0 > etc/passwd; echo hello > etc/motd; echo a > etc/conf.d/a; echo b > etc/conf.d/b
            seq 20000 > usr/share/numbers; echo '#!/bin/sh' > bin/run; chmod 755 bin/run; chown 7:8 var/log
            echo doc > usr/share/doc/a/README; echo doc > usr/share/doc/b/README
            echo linked > bin/one; ln bin/one bin/two; ln -s ../etc/motd usr/motd; : > var/empty
            """;

    final LinuxCalls calls = new JnrLinuxCalls();
    final UserNamespaces namespaces = new UserNamespaces(calls);
    final Mounter mounter = new Mounter(calls, namespaces);
    final StorageDriver driver;
    final Path directory;
    final BaseTree base;
    private final String baseScript;
    private final Map<String, TreeText.Line> baseText;
    private final List<TestSliver> slivers = new ArrayList<>();

    /** With the usual base. */
    World(Function<LinuxCalls, StorageDriver> make, Path directory) throws Exception {
        this(make, directory, BASE);
    }

    /** With a base that this shell script makes in an empty directory. */
    World(Function<LinuxCalls, StorageDriver> make, Path directory, String baseScript) throws Exception {
        this.driver = make.apply(calls);
        this.directory = directory;
        this.baseScript = baseScript;
        Path dir = Files.createDirectories(directory.resolve("base/dir"));
        makeBase(dir);
        BaseTree plain = new BaseTree(new Digest("ab".repeat(32)), BaseForm.DIR, dir.toString());
        if (driver.form() == BaseForm.DIR) {
            base = plain;
        } else {
            String name = driver.form().fileName();
            new BaseForms(calls)
                    .make(plain, driver.form(), directory.resolve("base").toString(), name);
            base = new BaseTree(
                    plain.digest(),
                    driver.form(),
                    directory.resolve("base/" + name).toString());
        }
        baseText = text(dir.toString());
        assertEquals(baseText, text(base.path()), "the form " + driver.form() + " of the base");
    }

    /** Makes another plain directory with the base's content: an oracle. */
    void makeBase(Path in) throws Exception {
        TestSliver.shell(in, baseScript + AGE);
    }

    /** The lines of a tree, all times since this test class was loaded being one. */
    Map<String, TreeText.Line> text(String root) {
        return TreeText.of(calls, root, 1_600_000_000L);
    }

    Map<String, TreeText.Line> baseText() {
        return baseText;
    }

    /** A writable store, made and not mounted. */
    WritableStore newStore(String name) throws Exception {
        Path path = Files.createDirectories(
                directory.resolve("slivers").resolve(name).resolve("revisions/1"));
        return new WritableStore(new SliverId("default", name), 1, path.toString());
    }

    /** A sliver that is made, mounted, and equal to the base. */
    TestSliver sliver(String name) throws Exception {
        WritableStore store = newStore(name);
        driver.create(store, base);
        TestSliver sliver = new TestSliver(this, store);
        slivers.add(sliver);
        sliver.mount();
        sliver.check("as it was made");
        return sliver;
    }

    @Override
    public void close() throws IOException, NodeException {
        for (TestSliver sliver : slivers) {
            sliver.unmount();
        }
        namespaces.close();
        assertEquals(baseText, text(base.path()), "the base after the test");
        new TreeRemover(calls).empty(directory.toString());
        Files.delete(directory);
    }
}
