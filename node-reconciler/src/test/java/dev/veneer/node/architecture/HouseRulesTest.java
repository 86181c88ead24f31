package dev.veneer.node.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rules about the source files themselves. */
class HouseRulesTest {
    private static final int LONGEST_FILE = 500;
    private static final Pattern VAGUE = Pattern.compile("(?i)(utils?|common|helpers?|managers?|misc|exp)");
    private static final Pattern VAGUE_ENDING = Pattern.compile("(Utils?|Helper|Manager|Impl)\\.java");
    private static final Pattern SUPPRESSION = Pattern.compile("@SuppressWarnings\\(");
    /** Words that promise work instead of doing it. */
    private static final Pattern PROMISE = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b|for n" + "ow[,.;)]");

    @Test
    void everyPackageSaysWhatItIsFor() throws IOException {
        List<String> missing = new ArrayList<>();
        for (Path directory : packages("src/main/java")) {
            Path info = directory.resolve("package-info.java");
            if (!Files.exists(info)) {
                missing.add(directory + ": no package-info.java");
            } else {
                String text = Files.readString(info);
                if (!text.contains("@NullMarked") || !text.contains("/**")) {
                    missing.add(info + ": lacks Javadoc or @NullMarked");
                }
            }
        }
        assertEquals(List.of(), missing);
    }

    @Test
    void namesAreNotVague() throws IOException {
        List<String> vague = new ArrayList<>();
        for (Path file : sources()) {
            Path packageName = file.getParent().getFileName();
            String name = file.getFileName().toString();
            if (VAGUE.matcher(packageName.toString()).matches()
                    || VAGUE_ENDING.matcher(name).find()) {
                vague.add(file.toString());
            }
        }
        assertEquals(List.of(), vague);
    }

    @Test
    void filesAreShort() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path file : sources()) {
            long lines = Files.readString(file).lines().count();
            boolean oneMethodACall = file.endsWith("JnrLinuxCalls.java");
            if (lines > LONGEST_FILE && !oneMethodACall) {
                tooLong.add(file + ": " + lines + " lines");
            }
        }
        assertEquals(List.of(), tooLong);
    }

    @Test
    void suppressionsHaveAReason() throws IOException {
        List<String> bare = new ArrayList<>();
        for (Path file : sources()) {
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                Matcher matcher = SUPPRESSION.matcher(lines.get(i));
                boolean explained = lines.get(i).contains("//")
                        || (i > 0 && lines.get(i - 1).strip().matches("(//|\\*|\\*/|/\\*\\*).*"));
                if (matcher.find() && !explained && !file.endsWith("HouseRulesTest.java")) {
                    bare.add(file + ":" + (i + 1));
                }
            }
        }
        assertEquals(List.of(), bare);
    }

    @Test
    void nothingIsPromised() throws IOException {
        List<String> promises = new ArrayList<>();
        for (Path file : sources()) {
            Matcher matcher = PROMISE.matcher(Files.readString(file));
            if (matcher.find()) {
                promises.add(file + ": " + matcher.group());
            }
        }
        assertEquals(List.of(), promises);
    }

    /** Documents name the tests that guard what they say; a test that is renamed is renamed there too. */
    @Test
    void testsThatDocumentsNameExist() throws IOException {
        List<String> files =
                sources().stream().map(file -> file.getFileName().toString()).toList();
        List<String> missing = new ArrayList<>();
        Pattern name = Pattern.compile("`([A-Z][A-Za-z0-9]*(Test|IT))`");
        try (Stream<Path> walk = Files.walk(Path.of("../docs"))) {
            for (Path document :
                    walk.filter(path -> path.toString().endsWith(".md")).toList()) {
                Matcher matcher = name.matcher(Files.readString(document));
                while (matcher.find()) {
                    if (!files.contains(matcher.group(1) + ".java")) {
                        missing.add(document + " names " + matcher.group(1));
                    }
                }
            }
        }
        assertEquals(List.of(), missing);
    }

    /** A shell takes the first case that matches, and says nothing of a second one that never will. */
    @Test
    void noCaseOfAScriptStandsTwice() throws IOException {
        List<String> twice = new ArrayList<>();
        Pattern label = Pattern.compile("^ *([a-z][a-z0-9-]*)\\) ");
        for (Path script : scripts()) {
            List<String> seen = new ArrayList<>();
            for (String line : Files.readAllLines(script)) {
                if (line.strip().equals("esac")) {
                    seen.clear();
                }
                Matcher matcher = label.matcher(line);
                if (matcher.find() && seen.contains(matcher.group(1))) {
                    twice.add(script + ": " + line.strip());
                } else if (matcher.find(0)) {
                    seen.add(matcher.group(1));
                }
            }
        }
        assertEquals(List.of(), twice);
    }

    private static List<Path> scripts() throws IOException {
        try (Stream<Path> walk = Files.walk(Path.of("../hack"))) {
            return walk.filter(path -> path.toString().endsWith(".sh")).toList();
        }
    }

    @Test
    void theSearchFindsTheSources() throws IOException {
        assertTrue(sources().size() > 50, "looked at " + sources().size() + " files");
        assertTrue(scripts().size() > 5, "looked at " + scripts());
    }

    private static List<Path> sources() throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path root : roots()) {
            try (Stream<Path> walk = Files.walk(root.resolve("src"))) {
                walk.filter(path -> path.toString().endsWith(".java")).forEach(files::add);
            }
        }
        return files;
    }

    private static List<Path> packages(String below) throws IOException {
        List<Path> directories = new ArrayList<>();
        for (Path root : roots()) {
            try (Stream<Path> walk = Files.walk(root.resolve(below))) {
                directories.addAll(walk.filter(path -> path.toString().endsWith(".java"))
                        .map(Path::getParent)
                        .distinct()
                        .collect(Collectors.toList()));
            }
        }
        return directories;
    }

    /** The modules' directories; tests run in their own module's. */
    private static List<Path> roots() {
        return List.of(Path.of("../crds"), Path.of("../node-reconciler"), Path.of("../controller"));
    }
}
