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

    @Override
    public Result run(List<String> command, String path, Duration atMost) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.put("PATH", path);
        environment.put("LC_ALL", "C.UTF-8");
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            ByteArrayOutputStream output = new ByteArrayOutputStream();
            Thread reader = new Thread(() -> drain(process.getInputStream(), output), "output of " + command.get(0));
            reader.setDaemon(true);
            reader.start();
            if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException(command.get(0) + " did not end within " + atMost.toSeconds() + " s");
            }
            // A daemon that kept the stream open must not keep us.
            reader.join(1000);
            synchronized (output) {
                return new Result(process.exitValue(), output.toString(StandardCharsets.UTF_8));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + command.get(0) + " ran", e);
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

    private static void drain(InputStream from, ByteArrayOutputStream into) {
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
}
