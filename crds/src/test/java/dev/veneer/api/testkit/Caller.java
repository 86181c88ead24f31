package dev.veneer.api.testkit;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Somebody who calls an API server with a token of theirs, and hears what it answers as it is. */
public final class Caller implements AutoCloseable {
    private final KubernetesClient client;

    /**
     * What the server answered.
     *
     * @param code the status of HTTP
     * @param body the object, or the refusal
     */
    public record Reply(int code, String body) {
        /** Whether it was done. */
        public boolean done() {
            return code / 100 == 2;
        }
    }

    /** Whoever has the token. */
    public Caller(ControlPlane plane, String token) {
        client = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(plane.kubeconfig(token)))
                .build();
    }

    /** Makes an object. */
    public Reply create(String collection, String json) {
        return call("POST", collection, "application/json", json);
    }

    /** Changes some fields of an object. */
    public Reply merge(String path, String json) {
        return call("PATCH", path, "application/merge-patch+json", json);
    }

    /** Applies fields as a manager of them. */
    public Reply apply(String path, String manager, String json) {
        return call("PATCH", path + "?force=true&fieldManager=" + manager, "application/apply-patch+yaml", json);
    }

    /** Replaces an object. */
    public Reply replace(String path, String json) {
        return call("PUT", path, "application/json", json);
    }

    /** Deletes an object or a collection. */
    public Reply delete(String path) {
        return call("DELETE", path, "application/json", "{}");
    }

    /** Reads. */
    public Reply get(String path) {
        return call("GET", path, "", "");
    }

    private Reply call(String method, String path, String type, String body) {
        HttpRequest.Builder request = client.getHttpClient().newHttpRequestBuilder();
        String server = client.getMasterUrl().toString();
        request.uri(server.substring(0, server.length() - 1) + path);
        if (method.equals("GET")) {
            request.header("Accept", "application/json");
        } else {
            request.method(method, type, body);
        }
        try {
            HttpResponse<String> response = client.getHttpClient()
                    .sendAsync(request.build(), String.class)
                    .get(60, TimeUnit.SECONDS);
            return new Reply(response.code(), response.body());
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError(method + " " + path + " had no answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
