package dev.veneer.node.runtime;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs programs as children of this process. */
final class HostPrograms implements Programs {
    private static final int LONGEST_OUTPUT = 1 << 16;

    /**
     * What a program left behind.
     *
     * @param exit as of {@link Programs.Result}
     * @param output what it wrote to its output, cut to a sane length
     * @param errors what it wrote to the other stream, cut likewise
     */
    record Apart(int exit, String output, String errors) {}

    @Override
    public Result run(List<String> command, String path, Duration atMost) throws IOException {
        Apart both = run(new ProcessBuilder(command).redirectErrorStream(true), path, atMost);
        return new Result(both.exit(), both.output());
    }

    /** The same with the two streams told apart. */
    Apart runApart(List<String> command, String path, Duration atMost) throws IOException {
        return run(new ProcessBuilder(command), path, atMost);
    }

    private static Apart run(ProcessBuilder builder, String path, Duration atMost) throws IOException {
        String program = builder.command().get(0);
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.put("PATH", path);
        environment.put("LC_ALL", "C.UTF-8");
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            Drain output = new Drain(process.getInputStream(), "output of " + program);
            Drain errors = new Drain(process.getErrorStream(), "errors of " + program);
            if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException(program + " did not end within " + atMost.toSeconds() + " s");
            }
            return new Apart(process.exitValue(), output.text(), errors.text());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + program + " ran", e);
        } finally {
            // The child has not been waited for if it still runs, so its number cannot belong to another process.
            process.destroyForcibly();
        }
    }

    @Override
    public int attach(List<String> command, String path) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(Redirect.INHERIT)
                .redirectOutput(Redirect.INHERIT)
                .redirectError(Redirect.INHERIT);
        // What is this process's own, as of a pod, is nothing for the programs of the host.
        String terminal = builder.environment().get("TERM");
        builder.environment().clear();
        builder.environment().put("PATH", path);
        if (terminal != null) {
            builder.environment().put("TERM", terminal);
        }
        Process process = builder.start();
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + command.get(0) + " ran", e);
        }
    }

    /** What comes out of a stream, read by a thread of its own. */
    private static final class Drain {
        private final ByteArrayOutputStream into = new ByteArrayOutputStream();
        private final Thread reader;

        Drain(InputStream from, String name) {
            reader = new Thread(() -> drain(from), name);
            reader.setDaemon(true);
            reader.start();
        }

        private void drain(InputStream from) {
            byte[] buffer = new byte[4096];
            try (from) {
                for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
                    synchronized (into) {
                        into.write(buffer, 0, Math.min(n, LONGEST_OUTPUT - into.size()));
                    }
                }
            } catch (IOException e) {
                // The stream is closed when the process is given up; what was read until then is all there is.
                return;
            }
        }

        /** All that came; of a program that has ended. */
        String text() throws InterruptedException {
            // A daemon that kept the stream open must not keep us.
            reader.join(1000);
            synchronized (into) {
                return into.toString(StandardCharsets.UTF_8);
            }
        }
    }
}
