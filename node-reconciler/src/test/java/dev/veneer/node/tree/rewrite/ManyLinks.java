package dev.veneer.node.tree.rewrite;

import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.InodePaths;
import dev.veneer.node.tree.SafeOpen;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** A program that notes very many files of several names, as a move does right after a compaction that linked all. */
final class ManyLinks {
    private ManyLinks() {}

    public static void main(String[] arguments) throws Exception {
        LinuxCalls calls = new JnrLinuxCalls();
        int scratch = new SafeOpen(calls).ownDirectory(arguments[0]);
        int count = Integer.parseInt(arguments[1]);
        Statx before = new Statx();
        Statx after = new Statx();
        try (InodePairs pairs = new InodePairs(calls, scratch);
                InodePaths paths = new InodePaths(calls, scratch)) {
            for (int round = 0; round < 2; round++) {
                for (int i = 1; i <= count; i++) {
                    before.ino = i;
                    after.ino = 2L * i;
                    require(pairs.met(before, after));
                    byte[] path = ("usr/share/a/path/of/some/length/" + i).getBytes(StandardCharsets.US_ASCII);
                    if (round == 0) {
                        paths.put(before.dev(), before.ino, i % 2 == 0 ? path : new byte[0]);
                    } else {
                        require(Arrays.equals(paths.get(before), i % 2 == 0 ? path : new byte[0]));
                    }
                }
            }
            after.ino = 2;
            require(!pairs.met(before, after));
            before.ino = 1;
            after.ino = 4;
            require(!pairs.met(before, after));
            before.ino = count + 1L;
            require(paths.get(before) == null);
        }
        calls.close(scratch);
        directories(count / 2);
        System.out.println(count + " files");
    }

    /** How directories are described is packed, since their number is the owner's choice too. */
    private static void directories(int count) {
        PackedRecipes recipes = new PackedRecipes();
        for (int i = 0; i < count; i++) {
            recipes.put(Bytes.utf8("usr/share/a/path/of/some/length/" + i), described(i));
        }
        for (int i = 0; i < count; i++) {
            require(described(i).equals(recipes.get(Bytes.utf8("usr/share/a/path/of/some/length/" + i))));
        }
        require(recipes.size() == count);
    }

    private static Recipe described(int i) {
        return new Recipe.Described(
                new Identity(FileType.DIRECTORY, 0755, i, i, i, i, 0, List.of(), 0, Bytes.EMPTY, Bytes.EMPTY, 0, 0));
    }

    private static void require(boolean right) {
        if (!right) {
            throw new AssertionError();
        }
    }
}
