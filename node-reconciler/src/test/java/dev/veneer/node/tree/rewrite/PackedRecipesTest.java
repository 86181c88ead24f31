package dev.veneer.node.tree.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.Xattr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PackedRecipesTest {
    static Identity directory(Random random) {
        List<Xattr> xattrs = new ArrayList<>();
        for (int i = random.nextInt(8) - 5; i > 0; i--) {
            byte[] value = new byte[random.nextInt(300)];
            random.nextBytes(value);
            xattrs.add(new Xattr(Bytes.utf8("user." + i), Bytes.wrap(value)));
        }
        return new Identity(
                FileType.DIRECTORY,
                random.nextInt(010000),
                random.nextInt(),
                random.nextInt(),
                random.nextLong(),
                random.nextInt(1_000_000_000),
                random.nextInt(4),
                xattrs,
                0,
                Bytes.EMPTY,
                Bytes.EMPTY,
                0,
                0);
    }

    private static Recipe recipe(Random random, boolean isDirectory) {
        if (isDirectory) {
            return new Recipe.Described(directory(random));
        }
        Bytes path = Bytes.utf8("opt/" + random.nextInt());
        return switch (random.nextInt(3)) {
            case 0 -> new Recipe.Moved(path);
            case 1 -> new Recipe.Moved(Bytes.EMPTY);
            default -> new Recipe.Moved(Bytes.utf8("x".repeat(random.nextInt(4000))));
        };
    }

    /** Against a table that keeps them as they are. */
    @Test
    void whatIsPutComesOut() {
        Random random = new Random(7);
        Map<Bytes, Recipe> plain = new HashMap<>();
        PackedRecipes packed = new PackedRecipes();
        for (int i = 0; i < 30_000; i++) {
            int number = random.nextInt(20_000);
            Bytes path = Bytes.utf8("a/path/" + number);
            Recipe recipe = recipe(random, number % 3 != 0);
            if (random.nextInt(10) == 0) {
                assertEquals(plain.putIfAbsent(path, recipe), packed.putIfAbsent(path, recipe));
            } else {
                assertEquals(plain.put(path, recipe), packed.put(path, recipe));
            }
        }
        assertEquals(plain.size(), packed.size());
        plain.forEach((path, recipe) -> assertEquals(recipe, packed.get(path)));
        assertNull(packed.get(Bytes.utf8("a/path/20000")));
        assertEquals(false, packed.containsKey(Bytes.EMPTY));
    }

    @Test
    void whatIsMadeOfAContentIsKeptAsItIs() {
        PackedRecipes packed = new PackedRecipes();
        Bytes path = Bytes.utf8("etc/passwd");
        Recipe content = new Recipe.Content(Bytes.utf8("root"), directory(new Random(1)));
        Recipe copy = new Recipe.Copy(Recipe.Place.NEW_BASE, path, directory(new Random(2)));
        packed.put(path, content);
        assertEquals(content, packed.get(path));
        assertEquals(content, packed.put(path, copy));
        assertEquals(1, packed.size());
        Recipe described = new Recipe.Described(directory(new Random(3)));
        assertEquals(copy, packed.put(path, described));
        assertEquals(described, packed.get(path));
        assertEquals(1, packed.size());
        assertThrows(IllegalArgumentException.class, () -> packed.put(path, content));
        assertThrows(UnsupportedOperationException.class, packed::entrySet);
    }
}
