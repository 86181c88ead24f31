package dev.veneer.node.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.testkit.OtherMountNamespace;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads the table of a mount namespace in which nobody mounts but the test. */
class MountTableReaderIT {
    @TempDir
    Path temporary;

    private final OtherMountNamespace namespace = OtherMountNamespace.start();
    private final MountTableReader reader =
            new MountTableReader(new JnrLinuxCalls(), "/proc/" + namespace.pid() + "/mountinfo");

    private void inNamespace(String... command) throws Exception {
        String[] whole = new String[command.length + 4];
        System.arraycopy(
                new String[] {"nsenter", "--mount", "--target", Integer.toString(namespace.pid())}, 0, whole, 0, 4);
        System.arraycopy(command, 0, whole, 4, command.length);
        assertEquals(0, new ProcessBuilder(whole).inheritIO().start().waitFor());
    }

    @Test
    void readsOnlyWhenTheKernelTellsOfAChange() throws Exception {
        String target = temporary.toRealPath().toString();
        try (namespace;
                reader) {
            MountTable first = reader.readChanges();
            assertSame(first, reader.readChanges());
            assertSame(first, reader.read());

            inNamespace("mount", "-t", "tmpfs", "test", target);
            MountTable mounted = reader.readChanges();
            assertNotSame(first, mounted);
            assertEquals("tmpfs", mounted.topmost(target).fsType());
            assertSame(mounted, reader.readChanges());

            inNamespace("mount", "-o", "remount,bind,ro", target);
            assertTrue(reader.readChanges().topmost(target).hasOption("ro"));

            inNamespace("mount", "-o", "remount,size=8k", target);
            assertSame(reader.readChanges(), reader.read(), "also of other options of a file system it tells");

            inNamespace("umount", target);
            assertNull(reader.readChanges().topmost(target));
            assertEquals(first.entries(), reader.readChanges().entries());
        }
    }
}
