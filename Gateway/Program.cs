Console.WriteLine("Grainpool");
