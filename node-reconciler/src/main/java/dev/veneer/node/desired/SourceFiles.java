package dev.veneer.node.desired;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the files below a directory that objects are read from: {@code *.yaml}, {@code *.yml} and {@code *.json}, recursively,
 * in the order of their names. Names that begin with a dot are skipped. A link to a file is followed, which mounted ConfigMaps
 * need; a link to a directory is not, so that there are no circles.
 */
final class SourceFiles {
    /** How deep directories may lie in each other. */
    static final int DEPTH = 64;
    /** How many files a directory may hold. */
    static final int FILES = 100_000;

    /**
     * A file to be read.
     *
     * @param path where it is
     * @param attributes what it was like when it was found, its links followed
     */
    record Found(Path path, BasicFileAttributes attributes) {}

    private final List<Found> found = new ArrayList<>();
    private final BiConsumer<Path, String> wrong;

    private SourceFiles(BiConsumer<Path, String> wrong) {
        this.wrong = wrong;
    }

    /**
     * Finds the files of a directory.
     *
     * @param wrong told what cannot be read, and why
     */
    static List<Found> below(Path directory, BiConsumer<Path, String> wrong) {
        SourceFiles files = new SourceFiles(wrong);
        files.directory(directory, 0);
        return files.found;
    }

    /** What is wrong, in words that a person can use. */
    static String words(IOException e) {
        if (e instanceof java.nio.file.NoSuchFileException) {
            return "there is no such file or directory";
        }
        if (e instanceof java.nio.file.AccessDeniedException) {
            return "permission denied";
        }
        String reason = e instanceof java.nio.file.FileSystemException f ? f.getReason() : e.getMessage();
        return reason == null ? e.getClass().getSimpleName() : reason;
    }

    private void directory(Path directory, int depth) {
        if (depth > DEPTH) {
            wrong.accept(directory, "directories lie deeper than " + DEPTH + " levels in each other");
            return;
        }
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            for (Path entry : stream) {
                if (!name(entry).startsWith(".")) {
                    entries.add(entry);
                }
            }
        } catch (java.nio.file.DirectoryIteratorException e) {
            wrong.accept(directory, "cannot be listed: " + words(new IOException(e.getMessage(), e)));
            return;
        } catch (IOException e) {
            wrong.accept(directory, "cannot be listed: " + words(e));
            return;
        }
        entries.sort(null);
        for (Path entry : entries) {
            entry(entry, depth);
        }
    }

    private void entry(Path entry, int depth) {
        String name = name(entry).toLowerCase(Locale.ROOT);
        boolean named = name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json");
        BasicFileAttributes attributes = attributes(entry, named);
        if (attributes == null) {
            return;
        }
        if (attributes.isDirectory()) {
            if (Files.isSymbolicLink(entry)) {
                return;
            }
            directory(entry, depth + 1);
        } else if (named && attributes.isRegularFile()) {
            if (found.size() == FILES) {
                wrong.accept(entry, "there are more than " + FILES + " files");
            }
            if (found.size() < FILES) {
                found.add(new Found(entry, attributes));
            }
        } else if (named) {
            wrong.accept(entry, "is neither a file nor a directory");
        }
    }

    /** Null when the entry is gone or nobody asked for it. */
    private @Nullable BasicFileAttributes attributes(Path entry, boolean named) {
        try {
            return Files.readAttributes(entry, BasicFileAttributes.class);
        } catch (IOException e) {
            // What vanished while the directory was listed is not declared; a link to nowhere is a mistake to tell.
            boolean vanished = !Files.exists(entry, LinkOption.NOFOLLOW_LINKS);
            if (named && !vanished) {
                wrong.accept(entry, "cannot be read: " + words(e));
            }
            return null;
        }
    }

    private static String name(Path entry) {
        Path name = entry.getFileName();
        return name == null ? "" : name.toString();
    }
}
