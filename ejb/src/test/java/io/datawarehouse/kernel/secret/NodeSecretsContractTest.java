package io.datawarehouse.kernel.secret;

import io.datawarehouse.sdk.security.SecretManager;
import io.datawarehouse.testkit.security.SecretManagerContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The secrets of a node, from files and from the environment, and those of one plugin. */
class NodeSecretsContractTest {

  @TempDir Path parent;

  private void file(String name, String value) throws IOException {
    Files.createDirectories(parent.resolve("secrets"));
    Files.writeString(parent.resolve("secrets").resolve(name), value);
  }

  private NodeSecrets secrets(Map<String, String> environment) {
    return new NodeSecrets(
        parent.resolve("secrets"), parent.resolve("secrets.p12"), Map.copyOf(environment));
  }

  @Nested
  class FromFiles extends SecretManagerContract {
    @Override
    protected SecretManager secrets() {
      return NodeSecretsContractTest.this.secrets(Map.of());
    }

    @Override
    protected void plant(String name, String value) throws IOException {
      file(name, value);
    }
  }

  @Nested
  class FromTheEnvironment extends SecretManagerContract {
    private final Map<String, String> environment = new HashMap<>();

    @Override
    protected SecretManager secrets() {
      return NodeSecretsContractTest.this.secrets(environment);
    }

    @Override
    protected void plant(String name, String value) {
      environment.put(SecretNames.inEnvironment(name), value);
    }
  }

  @Nested
  class OfOnePlugin extends SecretManagerContract {
    @Override
    protected SecretManager secrets() {
      return NodeSecretsContractTest.this.secrets(Map.of()).scope("dw.plugin.greeter.");
    }

    @Override
    protected void plant(String name, String value) throws IOException {
      file("dw.plugin.greeter." + name, value);
    }
  }
}
