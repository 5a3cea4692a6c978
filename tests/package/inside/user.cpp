int sum_of_parts();

int main() {
  return sum_of_parts() == 4950 ? 0 : 1;
}
