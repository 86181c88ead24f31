package dev.veneer.node.desired;

import dev.veneer.api.validation.ObjectValidator;
import dev.veneer.node.model.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Files, directories and standard input as a source. A file that has not changed since the last reading (same inode, size
 * and time) is not read again.
 */
public final class FileSource implements DesiredStateSource {
    /** The path that means standard input. */
    public static final String STANDARD_INPUT = "-";
    /** How large a file may be, in bytes. */
    static final int LARGEST = 16 << 20;

    /** Within this time after a change, another one may leave the time of the file as it is. */
    private static final Duration UNSETTLED = Duration.ofSeconds(2);

    /** How often a file is read that changes meanwhile. */
    private static final int TRIES = 3;

    private final SourceId identity;
    private final List<String> paths;
    private final ObjectValidator validator;
    private final InputStream standardInput;
    private final Clock clock;
    private Map<Path, Kept> kept = new HashMap<>();
    private DocumentReader.@Nullable Contents input;
    private @Nullable Last last;

    /** The last reading, with what it was made of. */
    private record Last(List<DocumentReader.Contents> parts, List<Problem> wrong, Reading reading) {
        /** Whether a run found the very same contents again. */
        boolean isStill(Run run) {
            if (run.parts.size() != parts.size() || run.whole != reading.whole() || !run.wrong.equals(wrong)) {
                return false;
            }
            for (int i = 0; i < parts.size(); i++) {
                if (!isSame(parts.get(i), run.parts.get(i))) {
                    return false;
                }
            }
            return true;
        }

        @SuppressWarnings("ReferenceEquality") // the very same object means that the file was not read anew
        private static boolean isSame(DocumentReader.Contents one, DocumentReader.Contents other) {
            return one == other;
        }
    }

    /** A file as it was when it was read. */
    private record Kept(@Nullable Object key, long size, FileTime time, DocumentReader.Contents contents) {
        boolean isStill(BasicFileAttributes now) {
            return now.size() == size
                    && now.lastModifiedTime().equals(time)
                    && (key == null || key.equals(now.fileKey()));
        }
    }

    /**
     * A source of these paths.
     *
     * @param paths files, directories and {@code -}; at least one
     * @param node the node that they are read for
     * @param standardInput read to its end when {@code -} is among the paths, once
     * @param clock the time
     */
    public FileSource(List<String> paths, Node node, InputStream standardInput, Clock clock) {
        if (paths.isEmpty()) {
            throw new IllegalArgumentException("a source needs a path");
        }
        this.paths = List.copyOf(paths);
        this.identity = SourceId.of(paths);
        this.validator = node.validator();
        this.standardInput = standardInput;
        this.clock = clock;
    }

    @Override
    public String id() {
        return identity.id();
    }

    @Override
    public String identity() {
        return identity.identity();
    }

    /** The directories and files that changes are to be watched in, as given; without standard input. */
    public List<String> watched() {
        return paths.stream().filter(path -> !path.equals(STANDARD_INPUT)).toList();
    }

    @Override
    public void forget() {
        kept = new HashMap<>();
        last = null;
    }

    @Override
    public Reading read() {
        Run run = new Run();
        for (String path : paths) {
            run.path(path);
        }
        run.read();
        kept = run.now;
        Last before = last;
        if (before != null && before.isStill(run)) {
            return before.reading;
        }
        Last now = new Last(run.parts, run.wrong, run.reading());
        last = now;
        return now.reading;
    }

    /**
     * What one path gives.
     *
     * @param key of the file, to keep what was read of it by
     * @param kept to be kept, if it is to be
     * @param contents what is declared there, if it could be read
     * @param problems what is wrong with the path itself
     */
    private record Part(
            @Nullable Path key,
            @Nullable Kept kept,
            DocumentReader.@Nullable Contents contents,
            List<Problem> problems) {
        static Part of(DocumentReader.Contents contents) {
            return new Part(null, null, contents, List.of());
        }

        static Part wrong(String where, String message) {
            return new Part(null, null, null, List.of(new Problem(where, null, null, "", message, false)));
        }
    }

    /** One reading. */
    private final class Run {
        private final Map<Path, Kept> now = new HashMap<>();
        private final Set<Path> seen = new HashSet<>();
        private final List<Supplier<Part>> asked = new ArrayList<>();
        private final List<DocumentReader.Contents> parts = new ArrayList<>();
        private final List<Problem> wrong = new ArrayList<>();
        private boolean whole = true;
        private int toParse;

        void path(String given) {
            if (given.equals(STANDARD_INPUT)) {
                whole = false;
                if (seen.add(Path.of(STANDARD_INPUT))) {
                    asked.add(this::input);
                }
                return;
            }
            Path path = Path.of(given);
            try {
                BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
                if (attributes.isDirectory()) {
                    SourceFiles.below(path, (at, message) -> wrong(at.toString(), message))
                            .forEach(found -> file(found.path(), found.attributes()));
                } else {
                    whole = false;
                    file(path, attributes);
                }
            } catch (IOException e) {
                wrong(given, "cannot be read: " + SourceFiles.words(e));
            }
        }

        private void file(Path path, BasicFileAttributes attributes) {
            Path key = path.toAbsolutePath().normalize();
            if (!seen.add(key)) {
                return;
            }
            Kept before = kept.get(key);
            if (before != null && before.isStill(attributes)) {
                asked.add(() -> new Part(key, before, before.contents, List.of()));
            } else {
                toParse++;
                asked.add(() -> read(path, key, attributes));
            }
        }

        private void wrong(String where, String message) {
            Part part = Part.wrong(where, message);
            asked.add(() -> part);
        }

        /** Reads; several files with all processors, since parsing takes long. */
        void read() {
            Stream<Supplier<Part>> suppliers = toParse > 1 ? asked.parallelStream() : asked.stream();
            for (Part part : suppliers.map(Supplier::get).toList()) {
                if (part.key() != null && part.kept() != null) {
                    now.put(part.key(), part.kept());
                }
                if (part.contents() != null) {
                    parts.add(part.contents());
                }
                wrong.addAll(part.problems());
            }
        }

        private Part read(Path path, Path key, BasicFileAttributes attributes) {
            try {
                return readAnew(path, key, attributes);
            } catch (IOException e) {
                return Part.wrong(path.toString(), "cannot be read: " + SourceFiles.words(e));
            }
        }

        /**
         * Reads a file. Nobody can tell what a file lacks that is being written: when it changes under the reading, or was
         * just emptied, as every writer does first, it counts as unreadable, so that nothing is deleted by it.
         */
        private Part readAnew(Path path, Path key, BasicFileAttributes found) throws IOException {
            BasicFileAttributes attributes = found;
            for (int tries = 1; tries <= TRIES; tries++) {
                DocumentReader.Contents contents;
                try (InputStream in = Files.newInputStream(path)) {
                    contents = contents(path.toString(), in);
                }
                if (!attributes.isRegularFile()) {
                    return Part.of(contents);
                }
                BasicFileAttributes after = Files.readAttributes(path, BasicFileAttributes.class);
                Kept read = new Kept(attributes.fileKey(), attributes.size(), attributes.lastModifiedTime(), contents);
                if (read.isStill(after)) {
                    return take(path, key, read);
                }
                attributes = after;
            }
            return Part.wrong(path.toString(), "changes while it is read; it is read again by the next pass");
        }

        private Part take(Path path, Path key, Kept read) {
            if (read.time.toInstant().isBefore(clock.instant().minus(UNSETTLED))) {
                return new Part(key, read, read.contents, List.of());
            }
            if (read.size > 0) {
                return Part.of(read.contents);
            }
            Part empty =
                    Part.wrong(path.toString(), "is empty and was changed a moment ago, so it may be half written");
            return new Part(null, null, read.contents, empty.problems());
        }

        private Part input() {
            if (input == null) {
                try {
                    input = contents("standard input", standardInput);
                } catch (IOException e) {
                    return Part.wrong("standard input", "cannot be read: " + SourceFiles.words(e));
                }
            }
            return Part.of(input);
        }

        private DocumentReader.Contents contents(String name, InputStream in) throws IOException {
            byte[] bytes = in.readNBytes(LARGEST + 1);
            if (bytes.length > LARGEST) {
                String message = "is larger than " + (LARGEST >> 20) + " MiB; split it";
                return new DocumentReader.Contents(
                        List.of(), List.of(new Problem(name, null, null, "", message, false)));
            }
            return DocumentReader.read(
                    validator, name, bytes, name.toLowerCase(Locale.ROOT).endsWith(".json"));
        }

        Reading reading() {
            List<ReadObject> objects = new ArrayList<>();
            List<Problem> problems = new ArrayList<>(wrong);
            for (DocumentReader.Contents part : parts) {
                objects.addAll(part.objects());
                problems.addAll(part.problems());
            }
            return new Reading(id(), whole, objects, problems);
        }
    }
}
