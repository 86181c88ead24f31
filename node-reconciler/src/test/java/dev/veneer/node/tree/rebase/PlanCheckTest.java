package dev.veneer.node.tree.rebase;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.rewrite.Recipe;
import dev.veneer.node.tree.rewrite.Stage;
import dev.veneer.node.tree.rewrite.Steps;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlanCheckTest {
    @TempDir
    Path directory;

    private static Identity identity(FileType type) {
        return new Identity(type, 0755, 0, 0, 0, 0, 0, List.of(), 0, Bytes.EMPTY, Bytes.EMPTY, 0, 0);
    }

    /** Steps as words: a kind and a path, without a recipe where the kind is a capital letter. */
    private void check(String text) throws Exception {
        Steps steps = new Steps();
        Map<Bytes, Recipe> recipes = new HashMap<>();
        for (String word : text.split(" ", -1)) {
            String path = word.substring(1);
            switch (word.charAt(0)) {
                case 'd' -> recipes.put(Bytes.utf8(path), new Recipe.Described(identity(FileType.DIRECTORY)));
                case 'c' -> recipes.put(Bytes.utf8(path), new Recipe.Content(Bytes.EMPTY, identity(FileType.REGULAR)));
                default -> {
                    // as the source has it
                }
            }
            if (word.charAt(0) != 'r') {
                steps.add(
                        switch (Character.toLowerCase(word.charAt(0))) {
                            case 'd' -> Steps.Kind.DIRECTORY;
                            case 's' -> Steps.Kind.SAME;
                            case '-' -> Steps.Kind.DELETE;
                            default -> Steps.Kind.FILE;
                        },
                        PathBytes.of(path));
            } else {
                recipes.put(Bytes.utf8(path), new Recipe.Moved(Bytes.utf8("x")));
            }
        }
        try (Stage stage = new Stage(new JnrLinuxCalls(), directory.resolve("stage"))) {
            Path base = stage.make("base");
            Files.createDirectories(base.resolve("a/b"));
            Files.writeString(base.resolve("a/file"), "x");
            PlanCheck.require(steps, recipes, stage.records(base));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "d Fa/x",
                "da -a/file Fa/x da/y ca/y/z",
                "-a",
                "Fa",
                "Fa/b",
                "Fa/b/x",
                "dn dn/m Fn/m/x",
                "da/file Fa/file/x"
            })
    void whatCanBeCarriedOutPasses(String steps) {
        assertDoesNotThrow(() -> check(steps));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-a -a/b",
                "Fa Fa/x",
                "Fa/file Fa/file/x",
                "-a da/x",
                "Fn/x",
                "Fa/file/x",
                "-a/none",
                "-n",
                "Da",
                "sa",
                "Fb Fa",
                "Fa Fa",
                "rx Fa",
                "da/x Fa/n/x"
            })
    void whatCannotIsAFaultThatIsTold(String steps) {
        NodeException told = assertThrows(NodeException.class, () -> check(steps));
        assertEquals(Reason.VerifyFailed, told.reason());
        assertTrue(told.getMessage().contains("please report it"), told.getMessage());
    }

    @Test
    void noStepsAreFine() throws Exception {
        try (Stage stage = new Stage(new JnrLinuxCalls(), directory.resolve("stage"))) {
            Path base = stage.make("base");
            PlanCheck.require(new Steps(), Map.of(), stage.records(base));
        }
    }
}
